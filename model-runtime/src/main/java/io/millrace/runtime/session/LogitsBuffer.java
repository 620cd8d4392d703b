package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.Device;
import io.millrace.runtime.device.FloatType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the graph writes its logits: rows of {@code vocabularySize} elements in the device's
 * memory, and a tensor over them for each shape in use.
 */
final class LogitsBuffer {

  private record Shape(int batch, int positions) {}

  private final Device device;
  private final Tensors tensors;
  private final GraphSignature graph;
  private final FloatType type;
  private final MemorySegment rows;
  private final Map<Shape, MemorySegment> bound = new HashMap<>();

  /** The largest of each row of the last step, once one was asked for. */
  private final int[] largest;

  private int firstWanted;
  private int rowsOfStep;
  private boolean isSearched;

  LogitsBuffer(Device device, Tensors tensors, GraphSignature graph, int rows) {
    this.device = device;
    this.tensors = tensors;
    this.graph = graph;
    type = graph.logitsFormat();
    largest = new int[rows];
    this.rows = device.allocate(rows * rowBytes());
  }

  private long rowBytes() {
    return (long) graph.vocabularySize() * type.bytes();
  }

  /** Makes a run write {@code [batch, positions, vocabularySize]} to the first rows. */
  void bind(IoBinding binding, int batch, int positions) throws OrtException {
    var shape = new Shape(batch, positions);
    var tensor = bound.get(shape);
    if (tensor == null) {
      tensor =
          tensors.tensor(
              rows.asSlice(0, rowBytes() * batch * positions),
              graph.logitsType(),
              batch,
              positions,
              graph.vocabularySize());
      bound.put(shape, tensor);
    }
    binding.output(graph.names().logits(), tensor);
    // Of one row's positions the last is wanted alone.
    firstWanted = positions - 1;
    rowsOfStep = batch * positions;
    isSearched = false;
  }

  /** As {@link Decoder#mostLikely}. */
  int mostLikely(int row) {
    if (!isSearched) {
      var wanted = rows.asSlice(firstWanted * rowBytes());
      int count = rowsOfStep - firstWanted;
      device.findLargest(wanted, type, count, largest, graph.vocabularySize());
      isSearched = true;
    }
    return largest[row - firstWanted];
  }

  /** Copies a row, as the bits of its values as floats. */
  void read(int row, int[] bits) {
    var content = device.read(rows.asSlice(row * rowBytes(), rowBytes()));
    switch (type) {
      case FLOAT32 ->
          MemorySegment.copy(content, ValueLayout.JAVA_INT, 0, bits, 0, graph.vocabularySize());
      case FLOAT16 -> {
        for (int index = 0; index < graph.vocabularySize(); index++) {
          short half = content.getAtIndex(ValueLayout.JAVA_SHORT, index);
          bits[index] = Float.floatToRawIntBits(Float.float16ToFloat(half));
        }
      }
      case BFLOAT16 -> {
        for (int index = 0; index < graph.vocabularySize(); index++) {
          bits[index] = content.getAtIndex(ValueLayout.JAVA_SHORT, index) << Short.SIZE;
        }
      }
    }
  }
}
