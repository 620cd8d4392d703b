package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The small inputs of a step: token ids and, where the graph wants them, attention mask and
 * positions, in memory that host and device share.
 *
 * <p>With a mask, GroupQueryAttention takes each row's length from the sum of its mask, and the
 * longest length from the mask's width: {@code [batch, longest]}, ones first. That width changes
 * with every step, so the mask is the one tensor that must be made anew. Without one the graph
 * works everything out of the positions.
 */
final class StepInputs implements AutoCloseable {

  private record Shape(int batch, int positions) {}

  private record Fixed(MemorySegment ids, @Nullable MemorySegment positions) {}

  private final GraphSignature graph;
  private final Tensors tensors;
  private final MemorySegment ids;
  private final MemorySegment positions;
  private final Optional<MemorySegment> mask;
  private final Map<Shape, Fixed> fixed = new HashMap<>();
  private Shape shape = new Shape(0, 0);
  private int longest;
  private @Nullable MemorySegment maskTensor;

  StepInputs(
      Device device,
      Tensors tensors,
      GraphSignature graph,
      int slots,
      int capacity,
      int prefillChunk) {
    this.graph = graph;
    this.tensors = tensors;
    int most = Math.max(slots, prefillChunk);
    ids = longs(device, most);
    positions = longs(device, most);
    mask = graph.names().attentionMask().map(name -> longs(device, (long) slots * capacity));
  }

  private static MemorySegment longs(Device device, long count) {
    return device.allocateShared(count * Long.BYTES);
  }

  /** One row: {@code tokens[from, to)} at the positions {@code from} to {@code to - 1}. */
  void prefill(int[] tokens, int from, int to) {
    for (int index = from; index < to; index++) {
      ids.setAtIndex(JAVA_LONG, index - from, tokens[index]);
      positions.setAtIndex(JAVA_LONG, index - from, index);
    }
    mask.ifPresent(ones -> fill(ones, 0, to, to));
    shape = new Shape(1, to - from);
    longest = to;
  }

  /** One token for each row, after the {@code lengths[row]} it has. */
  void decode(int rows, int[] tokens, int[] lengths) {
    int most = 0;
    for (int row = 0; row < rows; row++) {
      ids.setAtIndex(JAVA_LONG, row, tokens[row]);
      positions.setAtIndex(JAVA_LONG, row, lengths[row]);
      most = Math.max(most, lengths[row] + 1);
    }
    if (mask.isPresent()) {
      for (int row = 0; row < rows; row++) {
        fill(mask.get(), (long) row * most, lengths[row] + 1, most);
      }
    }
    shape = new Shape(rows, 1);
    longest = most;
  }

  private static void fill(MemorySegment mask, long start, int ones, int width) {
    for (int index = 0; index < width; index++) {
      mask.setAtIndex(JAVA_LONG, start + index, index < ones ? 1 : 0);
    }
  }

  /** Binds the inputs of the step described last. */
  void bind(IoBinding binding) throws OrtException {
    var names = graph.names();
    var known = fixed(shape);
    binding.input(names.inputIds(), known.ids());
    if (names.positionIds().isPresent() && known.positions() != null) {
      binding.input(names.positionIds().get(), known.positions());
    }
    if (names.attentionMask().isPresent()) {
      binding.input(names.attentionMask().get(), newMask());
    }
  }

  private MemorySegment newMask() throws OrtException {
    long elements = (long) shape.batch() * longest;
    var content = mask.orElseThrow().asSlice(0, elements * Long.BYTES);
    var made = tensors.temporary(content, OnnxJavaType.INT64, shape.batch(), longest);
    releaseMask();
    maskTensor = made;
    return made;
  }

  /** A binding keeps what is bound to it, so the last one may be released while it is bound. */
  private void releaseMask() {
    if (maskTensor != null) {
      OrtApi.releaseValue(maskTensor);
      maskTensor = null;
    }
  }

  private Fixed fixed(Shape wanted) throws OrtException {
    var known = fixed.get(wanted);
    if (known != null) {
      return known;
    }
    var made =
        new Fixed(
            tensor(ids, wanted),
            graph.names().positionIds().isPresent() ? tensor(positions, wanted) : null);
    fixed.put(wanted, made);
    return made;
  }

  private MemorySegment tensor(MemorySegment content, Shape wanted) throws OrtException {
    long elements = (long) wanted.batch() * wanted.positions();
    return tensors.tensor(
        content.asSlice(0, elements * Long.BYTES),
        OnnxJavaType.INT64,
        wanted.batch(),
        wanted.positions());
  }

  @Override
  public void close() {
    releaseMask();
  }
}
