// Names of fields as they stand in an optimiser's or scheduler's state dict: PyTorch's, so that a checkpoint written there
// can be continued here.

/** `weightDecay` is `weight_decay`. */
export function stateKey(field: string): string {
  return field.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `weight_decay` is `weightDecay`. */
export function fieldName(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
