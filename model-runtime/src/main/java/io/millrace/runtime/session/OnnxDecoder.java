package io.millrace.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import java.util.Arrays;

/** A decoder graph with GroupQueryAttention in ONNX Runtime, on the CPU. */
public final class OnnxDecoder implements Decoder {

  private final OrtSession session;
  private final GraphSignature graph;
  private final KeyValueCache cache;
  private final LogitsBuffer logits;
  private final StepInputs inputs;
  private final int[] lengths;
  private final int[] stepTokens;
  private final int[] stepLengths;
  private final int slots;
  private final int capacity;
  private final int prefillChunk;

  /** Fewer are computed with others beside them, whose results are not used. */
  private int leastRows = 1;

  private int firstLogitsRow;
  private boolean closed;

  private OnnxDecoder(
      OrtEnvironment environment, OrtSession session, GraphSignature graph, SessionSettings sizes)
      throws OrtException {
    this.session = session;
    this.graph = graph;
    this.capacity = sizes.capacity();
    this.prefillChunk = sizes.prefillChunk();
    this.slots = sizes.slots();
    int rows = Math.max(2, slots);
    this.lengths = new int[rows];
    this.stepTokens = new int[rows];
    this.stepLengths = new int[rows];
    int positions = Math.min(prefillChunk, capacity);
    int logitsRows = graph.allPositions() ? Math.max(rows, positions) : rows;
    this.logits =
        new LogitsBuffer(environment, graph.logitsType(), logitsRows, graph.vocabularySize());
    this.inputs = new StepInputs(environment, graph.names(), rows, capacity, positions);
    // The last one made is the one whose memory no collector frees.
    this.cache = new HostKeyValueCache(environment, session, graph, rows, capacity);
  }

  private OnnxDecoder ready() {
    try {
      findLeastRows();
      return this;
    } catch (RuntimeException | Error failure) {
      closeAllButSession();
      throw new ModelException("the model cannot be run: " + failure.getMessage(), failure);
    }
  }

  /**
   * Some kernels (int4 without AVX-512) compute a single row in an order of their own, which rounds
   * otherwise. Then a row that is alone is given company, so that its tokens do not depend on
   * whether it has any.
   */
  private void findLeastRows() {
    int[] tokens = new int[2];
    int[] alone = new int[vocabularySize()];
    int[] accompanied = new int[vocabularySize()];
    decode(1, tokens);
    readLogits(0, alone);
    Arrays.fill(lengths, 0);
    decode(2, tokens);
    readLogits(0, accompanied);
    Arrays.fill(lengths, 0);
    if (!Arrays.equals(alone, accompanied)) {
      leastRows = 2;
    }
  }

  /**
   * Loads the graph and reserves the cache.
   *
   * @throws ModelException if the graph cannot be loaded or is not what its configuration says
   */
  public static OnnxDecoder open(ModelDirectory model, SessionSettings settings) {
    var environment = OnnxRuntime.environment();
    try (var options = options(model, settings)) {
      var session = environment.createSession(model.graphFile().toString(), options);
      try {
        var graph = GraphSignature.of(model.graphFile(), model.config(), session);
        var decoder = new OnnxDecoder(environment, session, graph, fitting(model, settings));
        return decoder.ready();
      } catch (OrtException | RuntimeException | Error failure) {
        session.close();
        throw failure;
      }
    } catch (OrtException failure) {
      throw new ModelException(model.graphFile() + ": " + failure.getMessage(), failure);
    }
  }

  private static SessionOptions options(ModelDirectory model, SessionSettings settings)
      throws OrtException {
    var options = new SessionOptions();
    for (var entry : SessionEntries.of(model.config()).entrySet()) {
      options.addConfigEntry(entry.getKey(), entry.getValue());
    }
    if (settings.threads() > 0) {
      options.setIntraOpNumThreads(settings.threads());
    }
    options.addConfigEntry("session.intra_op.allow_spinning", settings.spin() ? "1" : "0");
    // A pattern is kept for every shape ever seen, and the mask has a new one at every step.
    options.setMemoryPatternOptimization(false);
    return options;
  }

  private static SessionSettings fitting(ModelDirectory model, SessionSettings settings) {
    int capacity = Math.min(settings.capacity(), model.config().contextLength());
    return new SessionSettings(
        settings.slots(), capacity, settings.prefillChunk(), settings.threads(), settings.spin());
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
    int count = to - from;
    int positions = graph.allPositions() ? count : 1;
    try {
      inputs.prefill(tokens, from, to);
      cache.run(slot, 1, inputs.tensors(), logits.tensor(1, positions));
    } catch (OrtException failure) {
      throw new DecoderException("prefill of " + count + " tokens failed", failure);
    }
    firstLogitsRow = positions - 1;
    lengths[slot] = to;
  }

  @Override
  public void decode(int first, int rows, int[] tokens) {
    int together = Math.max(rows, leastRows);
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
      cache.run(start, together, inputs.tensors(), logits.tensor(together, 1));
    } catch (OrtException failure) {
      throw new DecoderException("decode step of " + rows + " rows failed", failure);
    }
    firstLogitsRow = first - start;
    for (int row = first; row < first + rows; row++) {
      lengths[row]++;
    }
  }

  @Override
  public void interrupt() {
    cache.interrupt();
  }

  @Override
  public void readLogits(int row, int[] bits) {
    logits.read(firstLogitsRow + row, bits);
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
    inputs.close();
    cache.close();
    logits.close();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closeAllButSession();
    try {
      session.close();
    } catch (OrtException failure) {
      throw new DecoderException("the session could not be closed", failure);
    }
  }
}
