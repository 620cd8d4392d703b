/**
 * Between text and token ids: Hugging Face tokenizers, and text that is put together as it comes.
 */
@NullMarked
package io.millrace.runtime.tokenizer;

import org.jspecify.annotations.NullMarked;
