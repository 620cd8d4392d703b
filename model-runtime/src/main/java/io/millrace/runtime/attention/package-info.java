/**
 * Attention over the KV cache on the CPU, with the processor's vector instructions: what takes the
 * place of ONNX Runtime's GroupQueryAttention where it can.
 */
@NullMarked
package io.millrace.runtime.attention;

import org.jspecify.annotations.NullMarked;
