package io.millrace.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.ModelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A KV cache in host memory: the same tensor is the graph's past and its pinned present, so a step
 * writes one position per row and copies nothing.
 *
 * <p>ONNX Runtime's tensors have a fixed shape, so there is a set of them per range of rows, made
 * when first used and kept.
 */
final class HostKeyValueCache implements KeyValueCache {

  private record Rows(int first, int count) {}

  private record Binding(Map<String, OnnxTensor> inputs, Map<String, OnnxValue> outputs) {}

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final GraphSignature graph;
  private final RunOptions run;
  private final int capacity;
  private final int elementBytes;
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> blocks = new ArrayList<>();
  private final Map<Rows, Binding> bindings = new HashMap<>();
  private final MemorySegment swapSpace;

  /**
   * @throws ModelException if a layer's buffer would exceed what one tensor may hold
   * @throws OrtException if ONNX Runtime refuses
   */
  HostKeyValueCache(
      OrtEnvironment environment, OrtSession session, GraphSignature graph, int slots, int capacity)
      throws OrtException {
    this.environment = environment;
    this.session = session;
    this.graph = graph;
    this.capacity = capacity;
    this.elementBytes = graph.cacheType().size;
    long blockBytes = slots * rowBytes();
    if (blockBytes > Integer.MAX_VALUE) {
      throw new ModelException(
          "%d slots of %d tokens need %d bytes of KV cache per layer and the limit is %d: lower one"
              .formatted(slots, capacity, blockBytes, Integer.MAX_VALUE));
    }
    for (int layer = 0; layer < graph.layers(); layer++) {
      blocks.add(LazyMemory.allocate(blockBytes, arena));
      blocks.add(LazyMemory.allocate(blockBytes, arena));
    }
    run = new RunOptions();
    swapSpace = arena.allocate(headBytes(capacity));
  }

  private long rowBytes() {
    return graph.keyValueHeads() * headBytes(capacity);
  }

  private long headBytes(int positions) {
    return (long) positions * graph.headSize() * elementBytes;
  }

  @Override
  public void run(int first, int count, Map<String, OnnxTensor> inputs, OnnxTensor logits)
      throws OrtException {
    var binding = binding(new Rows(first, count));
    binding.inputs().putAll(inputs);
    binding.outputs().put(graph.names().logits(), logits);
    run.setTerminate(false);
    session.run(binding.inputs(), Set.of(), binding.outputs(), run).close();
  }

  @Override
  public void interrupt() {
    try {
      run.setTerminate(true);
    } catch (OrtException | IllegalStateException closed) {
      // There is no step any more that could be stopped.
    }
  }

  private Binding binding(Rows rows) throws OrtException {
    var known = bindings.get(rows);
    if (known != null) {
      return known;
    }
    var made = new Binding(new LinkedHashMap<>(), new LinkedHashMap<>());
    var names = graph.names();
    for (int layer = 0; layer < graph.layers(); layer++) {
      bind(made, rows, 2 * layer, layer, names.pastKey(), names.presentKey());
      bind(made, rows, 2 * layer + 1, layer, names.pastValue(), names.presentValue());
    }
    bindings.put(rows, made);
    return made;
  }

  private void bind(Binding binding, Rows rows, int block, int layer, String past, String present)
      throws OrtException {
    var content = blocks.get(block).asSlice(rows.first() * rowBytes(), rows.count() * rowBytes());
    long[] shape = {rows.count(), graph.keyValueHeads(), capacity, graph.headSize()};
    var tensor =
        OnnxTensor.createTensor(
            environment,
            content.asByteBuffer().order(ByteOrder.nativeOrder()),
            shape,
            graph.cacheType());
    binding.inputs().put(TensorNames.ofLayer(past, layer), tensor);
    binding.outputs().put(TensorNames.ofLayer(present, layer), tensor);
  }

  @Override
  public void moveRow(int from, int to, int length) {
    long bytes = headBytes(length);
    for (var block : blocks) {
      for (int head = 0; head < graph.keyValueHeads(); head++) {
        MemorySegment.copy(block, offset(from, head), block, offset(to, head), bytes);
      }
    }
  }

  @Override
  public void swapRows(int first, int second, int length) {
    long bytes = headBytes(length);
    for (var block : blocks) {
      for (int head = 0; head < graph.keyValueHeads(); head++) {
        long one = offset(first, head);
        long other = offset(second, head);
        MemorySegment.copy(block, one, swapSpace, 0, bytes);
        MemorySegment.copy(block, other, block, one, bytes);
        MemorySegment.copy(swapSpace, 0, block, other, bytes);
      }
    }
  }

  private long offset(int row, int head) {
    return row * rowBytes() + head * headBytes(capacity);
  }

  @Override
  public long bytes() {
    return blocks.stream().mapToLong(MemorySegment::byteSize).sum();
  }

  @Override
  public BlockStore reserveBlocks(int blockTokens, long bytes) {
    return new HostBlocks(blockTokens, bytes);
  }

  /** Each block is one piece of memory: layer by layer keys and values, head by head. */
  private final class HostBlocks implements BlockStore {

    private final int tokens;
    private final long blockBytes;
    private final int count;
    private final MemorySegment memory;

    HostBlocks(int tokens, long bytes) {
      this.tokens = tokens;
      blockBytes = blocks.size() * ((long) graph.keyValueHeads()) * headBytes(tokens);
      count = (int) Math.min(Integer.MAX_VALUE, bytes / blockBytes);
      memory = count == 0 ? MemorySegment.NULL : LazyMemory.allocate(count * blockBytes, arena);
    }

    @Override
    public int blocks() {
      return count;
    }

    @Override
    public void save(int block, int slot, int from) {
      forEachHead(
          block,
          slot,
          from,
          (layer, inRow, place) ->
              MemorySegment.copy(layer, inRow, memory, place, headBytes(tokens)));
    }

    @Override
    public void load(int block, int slot, int from) {
      forEachHead(
          block,
          slot,
          from,
          (layer, inRow, place) ->
              MemorySegment.copy(memory, place, layer, inRow, headBytes(tokens)));
    }

    private void forEachHead(int block, int slot, int from, HeadCopy copy) {
      long place = block * blockBytes;
      for (var layer : blocks) {
        for (int head = 0; head < graph.keyValueHeads(); head++) {
          copy.copy(layer, offset(slot, head) + headBytes(from), place);
          place += headBytes(tokens);
        }
      }
    }
  }

  /** Copies one head's part between a layer's row and a block's place. */
  private interface HeadCopy {
    void copy(MemorySegment layer, long inRow, long place);
  }

  @Override
  public void close() {
    for (var binding : bindings.values()) {
      // Past and present are the same tensors: closing the outputs is enough, the logits excepted.
      for (var output : binding.outputs().entrySet()) {
        if (!output.getKey().equals(graph.names().logits())) {
          output.getValue().close();
        }
      }
    }
    bindings.clear();
    run.close();
    arena.close();
  }
}
