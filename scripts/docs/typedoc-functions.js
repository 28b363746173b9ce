// A plugin of TypeDoc: operations are constants whose type can be called (`const add: Op<...>`), and are shown as the functions
// that they are for whoever calls them.

import { Context, ReflectionKind } from 'typedoc';

export function load() {
  const { getComment } = Context.prototype;
  /** As if the docstring of each constant had the tag; TypeDoc asks for it only where the type can be called. */
  Context.prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind);
    if (kind === ReflectionKind.Variable) comment?.modifierTags.add('@function');
    return comment;
  };
}
