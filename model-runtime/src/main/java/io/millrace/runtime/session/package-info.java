/**
 * Running a decoder graph: the ONNX Runtime session, the place of the KV cache, and the two kinds
 * of step, prefill and decode.
 */
@NullMarked
package io.millrace.runtime.session;

import org.jspecify.annotations.NullMarked;
