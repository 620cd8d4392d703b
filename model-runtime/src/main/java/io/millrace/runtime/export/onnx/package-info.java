/** A small ONNX writer: graphs, initializers and the protobuf encoding of both. */
@NullMarked
package io.millrace.runtime.export.onnx;

import org.jspecify.annotations.NullMarked;
