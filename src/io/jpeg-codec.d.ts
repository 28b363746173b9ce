// What is used of the WebAssembly build of libjpeg-turbo, which comes without types.

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  export interface JpegDecoder {
    /** The codec's memory for a file of that many bytes. */
    getEncodedBuffer(bytes: number): Uint8Array;
    /** Throws a number (an address in the codec's memory) for a file it can't decode. */
    decode(): void;
    getFrameInfo(): { readonly width: number; readonly height: number; readonly componentCount: number };
    /** The pixels, in the codec's memory. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }

  export interface JpegCodec {
    readonly JPEGDecoder: new () => JpegDecoder;
  }

  export default function createCodec(): Promise<JpegCodec>;
}
