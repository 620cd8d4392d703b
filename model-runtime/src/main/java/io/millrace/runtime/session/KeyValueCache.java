package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.Device;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys and values of all sequences, in place in a device's memory: per layer two buffers {@code
 * [slots, kv_heads, positions, head_dim]}, a row per sequence.
 *
 * <p>Numbers may be kept in fewer bits than the graph's tensors have, if what computes attention
 * knows: the tensors then claim more memory than there is.
 *
 * <p>The same tensor is the graph's past and its present, so a step writes one position per row and
 * copies nothing. Where the system allows it, the first slot can be seen as several rows, which
 * follow the others: see {@link OnnxDecoder#verify}. Belongs to one thread.
 */
final class KeyValueCache {

  private final Device device;
  private final GraphSignature graph;
  private final int numberBytes;
  private final int slots;
  private final int positions;
  private final List<MemorySegment> buffers = new ArrayList<>();
  private final MemorySegment swapSpace;
  private final int views;

  /**
   * @param numberBytes of one number as it is kept; not more than the graph's
   * @param positions of each sequence for which there is room
   * @param views as how many rows the first slot is to be seen besides
   * @throws io.millrace.runtime.device.CudaException if a GPU has not that much memory
   */
  KeyValueCache(
      Device device, GraphSignature graph, int numberBytes, int slots, int positions, int views) {
    this.device = device;
    this.graph = graph;
    this.numberBytes = numberBytes;
    this.slots = slots;
    this.positions = views > 0 ? wholePages(positions) : positions;
    boolean areSeen = views > 0 && allocateWith(views);
    this.views = areSeen ? views : 0;
    if (!areSeen) {
      buffers.clear();
      for (int buffer = 0; buffer < 2 * graph.layers(); buffer++) {
        buffers.add(device.allocate(slots * rowBytes()));
      }
    }
    swapSpace = device.allocate(rowBytes());
  }

  /** So many positions at least that a row begins where a page does. */
  private int wholePages(int wanted) {
    long page = device.repeatedPageBytes();
    int most = wanted + Math.toIntExact(page);
    return IntStream.range(wanted, most)
        .filter(length -> graph.keyValueHeads() * headBytes(length) % page == 0)
        .findFirst()
        .orElse(wanted);
  }

  private boolean allocateWith(int wantedViews) {
    for (int buffer = 0; buffer < 2 * graph.layers(); buffer++) {
      var memory = device.allocateRepeated(slots * rowBytes(), rowBytes(), wantedViews);
      if (memory.isEmpty()) {
        return false;
      }
      buffers.add(memory.get());
    }
    return true;
  }

  /** As how many rows the first slot can be seen, from row {@code slots} on. */
  int views() {
    return views;
  }

  private long rowBytes() {
    return graph.keyValueHeads() * headBytes(positions);
  }

  /** What so many positions of a head take. */
  private long headBytes(int length) {
    return (long) length * graph.headSize() * numberBytes;
  }

  /** Makes the rows {@code [first, first + count)} past and present of a run. */
  void bind(IoBinding binding, Tensors tensors, int first, int count) throws OrtException {
    var names = graph.names();
    for (int layer = 0; layer < graph.layers(); layer++) {
      var key = rows(tensors, 2 * layer, first, count);
      binding.input(TensorNames.ofLayer(names.pastKey(), layer), key);
      binding.output(TensorNames.ofLayer(names.presentKey(), layer), key);
      var value = rows(tensors, 2 * layer + 1, first, count);
      binding.input(TensorNames.ofLayer(names.pastValue(), layer), value);
      binding.output(TensorNames.ofLayer(names.presentValue(), layer), value);
    }
  }

  private MemorySegment rows(Tensors tensors, int buffer, int first, int count)
      throws OrtException {
    long claimed = count * rowBytes() / numberBytes * graph.cacheType().size;
    return tensors.tensor(
        buffers.get(buffer).asSlice(first * rowBytes(), count * rowBytes()).reinterpret(claimed),
        graph.cacheType(),
        count,
        graph.keyValueHeads(),
        positions,
        graph.headSize());
  }

  /** Copies the first {@code length} positions of a row to another. */
  void moveRow(int from, int to, int length) {
    for (var buffer : buffers) {
      copyHeads(buffer.asSlice(from * rowBytes()), buffer.asSlice(to * rowBytes()), length);
    }
  }

  /** Exchanges the first {@code length} positions of two rows. */
  void swapRows(int first, int second, int length) {
    for (var buffer : buffers) {
      var one = buffer.asSlice(first * rowBytes());
      var other = buffer.asSlice(second * rowBytes());
      copyHeads(one, swapSpace, length);
      copyHeads(other, one, length);
      copyHeads(swapSpace, other, length);
    }
  }

  private void copyHeads(MemorySegment from, MemorySegment to, int length) {
    long distance = headBytes(positions);
    device.copy(from, distance, to, distance, headBytes(length), graph.keyValueHeads());
  }

  /** As {@link Decoder#cacheBytes}. */
  long bytes() {
    return (long) buffers.size() * slots * graph.keyValueHeads() * headBytes(positions);
  }

  /** As {@link Decoder#reserveBlocks}. */
  BlockStore reserveBlocks(int blockTokens, long bytes) {
    return new Blocks(blockTokens, bytes);
  }

  /** Each block is one piece of memory: layer by layer keys and values, head by head. */
  private final class Blocks implements BlockStore {

    private final int tokens;
    private final long bufferBytes;
    private final long blockBytes;
    private final int count;
    private final MemorySegment memory;

    Blocks(int tokens, long bytes) {
      this.tokens = tokens;
      bufferBytes = graph.keyValueHeads() * headBytes(tokens);
      blockBytes = buffers.size() * bufferBytes;
      count = (int) Math.min(Integer.MAX_VALUE, bytes / blockBytes);
      memory = count == 0 ? MemorySegment.NULL : device.allocate(count * blockBytes);
    }

    @Override
    public int blocks() {
      return count;
    }

    @Override
    public void save(int block, int slot, int from) {
      for (int buffer = 0; buffer < buffers.size(); buffer++) {
        device.copy(
            inRow(buffer, slot, from),
            headBytes(positions),
            inBlock(buffer, block),
            headBytes(tokens),
            headBytes(tokens),
            graph.keyValueHeads());
      }
    }

    @Override
    public void load(int block, int slot, int from) {
      for (int buffer = 0; buffer < buffers.size(); buffer++) {
        device.copy(
            inBlock(buffer, block),
            headBytes(tokens),
            inRow(buffer, slot, from),
            headBytes(positions),
            headBytes(tokens),
            graph.keyValueHeads());
      }
    }

    private MemorySegment inRow(int buffer, int slot, int from) {
      return buffers.get(buffer).asSlice(slot * rowBytes() + headBytes(from));
    }

    private MemorySegment inBlock(int buffer, int block) {
      return memory.asSlice(block * blockBytes + buffer * bufferBytes, bufferBytes);
    }
  }
}
