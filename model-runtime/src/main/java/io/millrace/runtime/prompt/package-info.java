/** From messages to token ids: chat templates and tokenizers. */
@NullMarked
package io.millrace.runtime.prompt;

import org.jspecify.annotations.NullMarked;
