package io.millrace.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The small inputs of a step: token ids, attention mask and, where the graph wants them, positions.
 *
 * <p>GroupQueryAttention takes each row's length from the sum of its mask, and the longest length
 * from the mask's width: {@code [batch, longest]}, ones first. That width changes with every step,
 * so the mask is the one tensor that must be made anew.
 */
final class StepInputs implements AutoCloseable {

  private record Shape(int batch, int positions) {}

  private record Fixed(OnnxTensor ids, OnnxTensor positions) {}

  private final OrtEnvironment environment;
  private final TensorNames names;
  private final LongBuffer ids;
  private final LongBuffer positions;
  private final LongBuffer mask;
  private final Map<Shape, Fixed> fixed = new HashMap<>();
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  StepInputs(
      OrtEnvironment environment, TensorNames names, int slots, int capacity, int prefillChunk) {
    this.environment = environment;
    this.names = names;
    int most = Math.max(slots, prefillChunk);
    ids = direct(most);
    positions = direct(most);
    mask = direct(Math.multiplyExact(slots, capacity));
  }

  private static LongBuffer direct(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  /** One row: {@code tokens[from, to)} at the positions {@code from} to {@code to - 1}. */
  void prefill(int[] tokens, int from, int to) throws OrtException {
    for (int index = from; index < to; index++) {
      ids.put(index - from, tokens[index]);
      positions.put(index - from, index);
    }
    for (int index = 0; index < to; index++) {
      mask.put(index, 1);
    }
    describe(1, to - from, to);
  }

  /** One token for each row, after the {@code lengths[row]} it has. */
  void decode(int rows, int[] tokens, int[] lengths) throws OrtException {
    int longest = 0;
    for (int row = 0; row < rows; row++) {
      ids.put(row, tokens[row]);
      positions.put(row, lengths[row]);
      longest = Math.max(longest, lengths[row] + 1);
    }
    for (int row = 0; row < rows; row++) {
      int start = row * longest;
      for (int index = 0; index < longest; index++) {
        mask.put(start + index, index <= lengths[row] ? 1 : 0);
      }
    }
    describe(rows, 1, longest);
  }

  private void describe(int batch, int tokens, int longest) throws OrtException {
    releaseMask();
    var reused = fixed(new Shape(batch, tokens));
    inputs.put(names.inputIds(), reused.ids());
    names.positionIds().ifPresent(name -> inputs.put(name, reused.positions()));
    inputs.put(names.attentionMask(), tensor(mask, batch, longest));
  }

  private Fixed fixed(Shape shape) throws OrtException {
    var known = fixed.get(shape);
    if (known != null) {
      return known;
    }
    var made =
        new Fixed(
            tensor(ids, shape.batch(), shape.positions()),
            tensor(positions, shape.batch(), shape.positions()));
    fixed.put(shape, made);
    return made;
  }

  private OnnxTensor tensor(LongBuffer buffer, int rows, int columns) throws OrtException {
    return OnnxTensor.createTensor(
        environment, buffer.slice(0, rows * columns), new long[] {rows, columns});
  }

  /** The inputs of the step described last. */
  Map<String, OnnxTensor> tensors() {
    return inputs;
  }

  private void releaseMask() {
    var last = inputs.remove(names.attentionMask());
    if (last != null) {
      last.close();
    }
  }

  @Override
  public void close() {
    releaseMask();
    for (var tensors : fixed.values()) {
      tensors.ids().close();
      tensors.positions().close();
    }
    fixed.clear();
  }
}
