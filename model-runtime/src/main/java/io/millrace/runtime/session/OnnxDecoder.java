package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import io.millrace.runtime.attention.CachedAttention;
import io.millrace.runtime.attention.WarmUp;
import io.millrace.runtime.device.CudaException;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A decoder graph in ONNX Runtime, on the CPU or a GPU. */
public final class OnnxDecoder implements Decoder {

  private static final Logger LOG = LoggerFactory.getLogger(OnnxDecoder.class);

  private final ModelSession session;
  private final GraphSignature graph;
  private final Tensors tensors;
  private final KeyValueCache cache;
  private final LogitsBuffer logits;
  private final StepInputs inputs;
  private final GraphRuns runs;
  private final int[] lengths;
  private final int[] stepTokens;
  private final int[] stepLengths;
  private final int slots;
  private final int capacity;
  private final int prefillChunk;

  private StepRows stepRows;

  /** As {@link #verifiableTokens}, once it is known. */
  private int verifiable;

  private int firstLogitsRow;
  private boolean closed;

  private OnnxDecoder(ModelSession session, GraphSignature graph, SessionSettings sizes)
      throws OrtException {
    this.session = session;
    this.graph = graph;
    this.capacity = sizes.capacity();
    this.prefillChunk = sizes.prefillChunk();
    this.slots = sizes.slots();
    this.stepRows = session.replays() ? new StepRows.Recorded(slots) : new StepRows.Any(1);
    int rows = session.provider() == ExecutionProvider.CPU ? Math.max(2, slots) : slots;
    this.lengths = new int[rows];
    int views = session.provider() == ExecutionProvider.CPU ? views(sizes) : 0;
    int mostRows = Math.max(rows, views);
    this.stepTokens = new int[mostRows];
    this.stepLengths = new int[mostRows];
    int positions = Math.min(prefillChunk, capacity);
    int logitsRows = graph.allPositions() ? Math.max(mostRows, positions) : mostRows;
    var device = session.device();
    this.tensors = new Tensors(device);
    try {
      this.logits = new LogitsBuffer(device, tensors, graph, logitsRows);
      this.inputs = new StepInputs(device, tensors, graph, mostRows, capacity, positions);
      int cachePositions = graph.cachePositions().orElse(capacity);
      int numberBytes =
          session.keepsHalves() ? CachedAttention.NUMBER_BYTES : graph.cacheType().size;
      this.cache = new KeyValueCache(device, graph, numberBytes, rows, cachePositions, views);
      this.runs = new GraphRuns(session, cache, tensors, inputs, logits, rows);
    } catch (OrtException | RuntimeException | Error failure) {
      tensors.close();
      throw failure;
    }
  }

  /** As how many rows slot 0 is to be seen; none where the graph fixes the cache's length. */
  private int views(SessionSettings sizes) {
    boolean areWanted = sizes.speculativeTokens() > 0 && graph.cachePositions().isEmpty();
    return areWanted ? Math.min(sizes.speculativeTokens() + 1, capacity / 2) : 0;
  }

  private OnnxDecoder ready() {
    try {
      if (session.keepsHalves()) {
        WarmUp.of(graph.headSize()).join();
      }
      var steps = new FirstSteps(this);
      switch (stepRows) {
        case StepRows.Recorded recorded -> steps.record(recorded);
        case StepRows.Any _ -> {
          stepRows = new StepRows.Any(steps.leastRows());
          verifiable = steps.verifyTheSame(cache.views()) ? cache.views() : 0;
        }
      }
      return this;
    } catch (RuntimeException | Error failure) {
      closeAllButSession();
      throw failure;
    }
  }

  /**
   * Loads the graph and reserves the cache.
   *
   * @throws ModelException if the graph cannot be loaded or is not what its configuration says, or
   *     a GPU has too little memory
   */
  public static OnnxDecoder open(ModelDirectory model, SessionSettings settings) {
    var session = ModelSession.open(model, settings, true);
    if (session.replays()) {
      try {
        return open(model, settings, session);
      } catch (ModelException failure) {
        LOG.info("Steps are not replayed as CUDA graphs: {}", failure.getMessage());
        session = ModelSession.open(model, settings, false);
      }
    }
    return open(model, settings, session);
  }

  /** Takes ownership of the session. */
  private static OnnxDecoder open(
      ModelDirectory model, SessionSettings settings, ModelSession session) {
    try {
      var graph = GraphSignature.of(model.graphFile(), model.config(), session.session());
      return new OnnxDecoder(session, graph, fitting(model, graph, settings)).ready();
    } catch (OrtException | CudaException | DecoderException failure) {
      closeAfter(failure, session);
      throw new ModelException(
          "%s cannot be run on %s: %s"
              .formatted(model.graphFile(), session.provider().label(), failure.getMessage()),
          failure);
    } catch (RuntimeException | Error failure) {
      closeAfter(failure, session);
      throw failure;
    }
  }

  private static void closeAfter(Throwable failure, ModelSession session) {
    try {
      session.close();
    } catch (RuntimeException | Error second) {
      failure.addSuppressed(second);
    }
  }

  private static SessionSettings fitting(
      ModelDirectory model, GraphSignature graph, SessionSettings settings) {
    int most = Math.min(settings.capacity(), model.config().contextLength());
    return settings.withCapacity(Math.min(most, graph.cachePositions().orElse(most)));
  }

  /** The execution provider that was found for the model. */
  public ExecutionProvider provider() {
    return session.provider();
  }

  /** Whether steps are recorded and replayed as CUDA graphs. */
  boolean replays() {
    return session.replays();
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int vocabularySize() {
    return graph.vocabularySize();
  }

  @Override
  public long cacheBytes() {
    return cache.bytes();
  }

  @Override
  public int prefillChunk() {
    return prefillChunk;
  }

  @Override
  public void prefill(int slot, int[] tokens, int from, int to) {
    requireOpen();
    int count = to - from;
    int positions = graph.allPositions() ? count : 1;
    try {
      inputs.prefill(tokens, from, to);
      runs.prefill(slot, positions);
    } catch (OrtException | CudaException failure) {
      throw new DecoderException("prefill of " + count + " tokens failed", failure);
    }
    firstLogitsRow = positions - 1;
    lengths[slot] = to;
  }

  @Override
  public void decode(int first, int rows, int[] tokens) {
    requireOpen();
    int together = stepRows.atLeast(rows);
    int start = Math.min(first, lengths.length - together);
    for (int index = 0; index < together; index++) {
      int row = start + index;
      boolean isWanted = row >= first && row < first + rows;
      stepTokens[index] = isWanted ? tokens[row] : 0;
      // What is written beyond the end of a sequence does no harm.
      stepLengths[index] = Math.min(lengths[row], capacity - 1);
    }
    try {
      inputs.decode(together, stepTokens, stepLengths);
      runs.decode(start, together);
    } catch (OrtException | CudaException failure) {
      throw new DecoderException("decode step of " + rows + " rows failed", failure);
    }
    firstLogitsRow = first - start;
    for (int row = first; row < first + rows; row++) {
      lengths[row]++;
    }
  }

  @Override
  public int verifiableTokens() {
    return verifiable;
  }

  @Override
  public void verify(int[] tokens, int count) {
    for (int index = 0; index < count; index++) {
      stepLengths[index] = lengths[0] + index;
    }
    compute(tokens, stepLengths, count);
  }

  /**
   * A step of as many rows as there are tokens, each of one token, over as many views of slot 0: so
   * each token is computed by the kernels of a decode step, and each row finds the keys and values
   * of the tokens before its own, which attention writes for all rows before it reads any.
   *
   * @param lengthsOfRows tokens before each
   */
  void compute(int[] tokens, int[] lengthsOfRows, int count) {
    requireOpen();
    try {
      inputs.decode(count, tokens, lengthsOfRows);
      runs.decode(lengths.length, count);
    } catch (OrtException | CudaException failure) {
      throw new DecoderException("verifying " + count + " tokens failed", failure);
    }
    firstLogitsRow = 0;
  }

  @Override
  public void keep(int count) {
    lengths[0] += count;
  }

  /** A closed session would be used after it has been freed. */
  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the decoder is closed");
    }
  }

  @Override
  public void interrupt() {
    runs.interrupt();
  }

  @Override
  public void readLogits(int row, int[] bits) {
    logits.read(firstLogitsRow + row, bits);
  }

  @Override
  public int mostLikely(int row) {
    return logits.mostLikely(firstLogitsRow + row);
  }

  @Override
  public void truncate(int slot, int length) {
    lengths[slot] = length;
  }

  /** So many rows the cache has, one for each slot at least. */
  int rows() {
    return lengths.length;
  }

  @Override
  public void moveRow(int from, int to) {
    cache.moveRow(from, to, lengths[from]);
    lengths[to] = lengths[from];
  }

  @Override
  public void swapRows(int first, int second) {
    cache.swapRows(first, second, Math.max(lengths[first], lengths[second]));
    int length = lengths[first];
    lengths[first] = lengths[second];
    lengths[second] = length;
  }

  @Override
  public BlockStore reserveBlocks(int blockTokens, long bytes) {
    return new Blocks(cache.reserveBlocks(blockTokens, bytes), blockTokens);
  }

  /** Blocks of the cache that keep count of the sequences' lengths. */
  private final class Blocks implements BlockStore {

    private final BlockStore ofCache;
    private final int tokens;

    Blocks(BlockStore ofCache, int tokens) {
      this.ofCache = ofCache;
      this.tokens = tokens;
    }

    @Override
    public int blocks() {
      return ofCache.blocks();
    }

    @Override
    public void save(int block, int slot, int from) {
      ofCache.save(block, slot, from);
    }

    @Override
    public void load(int block, int slot, int from) {
      ofCache.load(block, slot, from);
      lengths[slot] = from + tokens;
    }
  }

  private void closeAllButSession() {
    closed = true;
    runs.close();
    inputs.close();
    tensors.close();
  }

  @Override
  public void close() {
    if (!closed) {
      closeAllButSession();
      session.close();
    }
  }
}
