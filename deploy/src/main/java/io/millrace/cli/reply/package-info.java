/** A client's side of Millrace: prompts out, and the replies to them put together from events. */
@NullMarked
package io.millrace.cli.reply;

import org.jspecify.annotations.NullMarked;
