package io.millrace.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.model.ModelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the graph writes its logits: rows of {@code vocabularySize} elements in host memory, float
 * or float16, and a pinned tensor over them for each shape in use.
 */
final class LogitsBuffer implements AutoCloseable {

  private record Shape(int batch, int positions) {}

  private final OrtEnvironment environment;
  private final OnnxJavaType type;
  private final int vocabularySize;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment rows;
  private final Map<Shape, OnnxTensor> tensors = new HashMap<>();

  /**
   * @throws ModelException if they would exceed what one tensor may hold
   */
  LogitsBuffer(OrtEnvironment environment, OnnxJavaType type, int rows, int vocabularySize) {
    this.environment = environment;
    this.type = type;
    this.vocabularySize = vocabularySize;
    long bytes = rows * rowBytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new ModelException(
          "logits of %d positions need %d bytes and the limit is %d: lower the prefill chunk"
              .formatted(rows, bytes, Integer.MAX_VALUE));
    }
    this.rows = LazyMemory.allocate(bytes, arena);
  }

  private long rowBytes() {
    return (long) vocabularySize * type.size;
  }

  /** The tensor {@code [batch, positions, vocabularySize]} over the first rows. */
  OnnxTensor tensor(int batch, int positions) throws OrtException {
    var shape = new Shape(batch, positions);
    var known = tensors.get(shape);
    if (known != null) {
      return known;
    }
    var content = rows.asSlice(0, rowBytes() * batch * positions);
    var made =
        OnnxTensor.createTensor(
            environment,
            content.asByteBuffer().order(ByteOrder.nativeOrder()),
            new long[] {batch, positions, vocabularySize},
            type);
    tensors.put(shape, made);
    return made;
  }

  /** Copies a row, as the bits of its values as floats. */
  void read(int row, int[] bits) {
    long start = row * rowBytes();
    if (type == OnnxJavaType.FLOAT) {
      MemorySegment.copy(rows, ValueLayout.JAVA_INT, start, bits, 0, vocabularySize);
      return;
    }
    for (int index = 0; index < vocabularySize; index++) {
      short half = rows.get(ValueLayout.JAVA_SHORT, start + (long) index * Short.BYTES);
      bits[index] = Float.floatToRawIntBits(Float.float16ToFloat(half));
    }
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
    tensors.clear();
    arena.close();
  }
}
