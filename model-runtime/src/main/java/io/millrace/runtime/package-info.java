/**
 * Running language models: model directories, sessions, the KV cache, sampling, and the engine over
 * them.
 */
@NullMarked
package io.millrace.runtime;

import org.jspecify.annotations.NullMarked;
