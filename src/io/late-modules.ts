// Modules that take a while to load and few programs need, loaded when they are first used: a worker thread loads the whole library
// when it starts.

import type Crypto from 'node:crypto';
import type Http from 'node:http';
import type Https from 'node:https';
import { createRequire } from 'node:module';
import type Pngjs from 'pngjs';

const load = createRequire(import.meta.url);

export const crypto = (): typeof Crypto => load('node:crypto') as typeof Crypto;
export const http = (): typeof Http => load('node:http') as typeof Http;
export const https = (): typeof Https => load('node:https') as typeof Https;
export const pngjs = (): typeof Pngjs => load('pngjs') as typeof Pngjs;
