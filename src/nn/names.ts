// Names of fields as they stand in a state dict: PyTorch's, so that one weights file serves both.

/** A field's name in snake_case: `runningMean` is `running_mean`, `inProjWeight` is `in_proj_weight`, `weightIhL0` is `weight_ih_l0`. */
export function stateName(field: string): string {
  return field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** A path of names: 'encoder' and 'layers' give 'encoder.layers'; an empty prefix gives the name alone. */
export function joinPath(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
