package io.millrace.runtime.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.OnnxRuntime;
import io.millrace.runtime.session.SessionEntries;
import io.millrace.runtime.session.StepThreads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The least Java that generates greedily with ONNX Runtime: rows of one length, pinned outputs, a
 * largest logit per row, and nothing else. What an engine is measured against.
 *
 * <p>For graphs with float caches and logits for the last position only, on the CPU.
 */
final class BareLoop implements Yardstick {

  private final OrtEnvironment environment = OnnxRuntime.environment();
  private final ModelDirectory model;
  private final OrtSession session;
  private final int rows;
  private final int capacity;
  private final FloatBuffer[] cache;
  private final FloatBuffer logits;
  private final float[] rowLogits;
  private final int vocabularySize;
  private final LongBuffer ids;
  private final LongBuffer positions;
  private final LongBuffer mask;
  private final long[] next;

  BareLoop(ModelDirectory model, int rows, int capacity, int threads, boolean spin)
      throws OrtException {
    this.model = model;
    this.rows = rows;
    this.capacity = capacity;
    try (var options = new SessionOptions()) {
      for (var entry : SessionEntries.of(model.config()).entrySet()) {
        options.addConfigEntry(entry.getKey(), entry.getValue());
      }
      options.setIntraOpNumThreads(StepThreads.of(threads));
      options.addConfigEntry("session.intra_op.allow_spinning", spin ? "1" : "0");
      options.setMemoryPatternOptimization(false);
      session = environment.createSession(model.graphFile().toString(), options);
    }
    vocabularySize = model.config().vocabularySize();
    cache = new FloatBuffer[2 * model.config().layers()];
    for (int block = 0; block < cache.length; block++) {
      cache[block] = floats(rows * rowElements());
    }
    logits = floats(rows * vocabularySize);
    rowLogits = new float[vocabularySize];
    ids = longs(rows * capacity);
    positions = longs(rows * capacity);
    mask = longs(rows * capacity);
    for (int index = 0; index < mask.capacity(); index++) {
      mask.put(index, 1);
    }
    next = new long[rows];
  }

  private int rowElements() {
    return model.config().keyValueHeads() * capacity * model.config().headSize();
  }

  private static FloatBuffer floats(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private static LongBuffer longs(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Long.BYTES))
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }

  @Override
  public long prefill(int[][] prompts) throws OrtException {
    long nanos = 0;
    for (int row = 0; row < rows; row++) {
      try (var step = new Step(row, 1)) {
        long start = System.nanoTime();
        for (int index = 0; index < prompts[row].length; index++) {
          ids.put(index, prompts[row][index]);
          positions.put(index, index);
        }
        step.run(prompts[row].length, prompts[row].length);
        next[row] = largest(row);
        nanos += System.nanoTime() - start;
      }
    }
    return nanos;
  }

  @Override
  public long decode(int length, int steps) throws OrtException {
    try (var step = new Step(0, rows)) {
      long start = System.nanoTime();
      for (int done = 0; done < steps; done++) {
        for (int row = 0; row < rows; row++) {
          ids.put(row, next[row]);
          positions.put(row, length + done);
        }
        step.run(1, length + done + 1);
        for (int row = 0; row < rows; row++) {
          next[row] = largest(row);
        }
      }
      return System.nanoTime() - start;
    }
  }

  private int largest(int row) {
    logits.get(row * vocabularySize, rowLogits);
    int largest = 0;
    for (int token = 1; token < vocabularySize; token++) {
      if (rowLogits[token] > rowLogits[largest]) {
        largest = token;
      }
    }
    return largest;
  }

  /** The tensors over a range of rows. */
  private final class Step implements AutoCloseable {

    private final int count;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxValue> outputs = new HashMap<>();

    Step(int first, int count) throws OrtException {
      this.count = count;
      var config = model.config();
      var names = config.names();
      long[] shape = {count, config.keyValueHeads(), capacity, config.headSize()};
      for (int layer = 0; layer < config.layers(); layer++) {
        bind(cache[2 * layer], first, shape, layer, names.pastKey(), names.presentKey());
        bind(cache[2 * layer + 1], first, shape, layer, names.pastValue(), names.presentValue());
      }
      outputs.put(
          names.logits(),
          OnnxTensor.createTensor(
              environment,
              logits.slice(first * vocabularySize, count * vocabularySize),
              new long[] {count, 1, vocabularySize}));
    }

    private void bind(
        FloatBuffer block, int first, long[] shape, int layer, String past, String present)
        throws OrtException {
      var tensor =
          OnnxTensor.createTensor(
              environment, block.slice(first * rowElements(), count * rowElements()), shape);
      inputs.put(TensorNames.ofLayer(past, layer), tensor);
      outputs.put(TensorNames.ofLayer(present, layer), tensor);
    }

    void run(int tokens, int total) throws OrtException {
      var names = model.config().names();
      long[] shape = {count, tokens};
      try (var idTensor = tensor(ids, shape);
          var positionTensor = tensor(positions, shape);
          var maskTensor = tensor(mask, new long[] {count, total})) {
        inputs.put(names.inputIds(), idTensor);
        names
            .attentionMask()
            .filter(session.getInputNames()::contains)
            .ifPresent(name -> inputs.put(name, maskTensor));
        names
            .positionIds()
            .filter(session.getInputNames()::contains)
            .ifPresent(name -> inputs.put(name, positionTensor));
        session.run(inputs, outputs).close();
      }
    }

    private OnnxTensor tensor(LongBuffer buffer, long[] shape) throws OrtException {
      return OnnxTensor.createTensor(
          environment, buffer.slice(0, Math.toIntExact(shape[0] * shape[1])), shape);
    }

    @Override
    public void close() {
      outputs.values().forEach(OnnxValue::close);
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
