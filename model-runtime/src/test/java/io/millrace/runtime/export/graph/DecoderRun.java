package io.millrace.runtime.export.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.OnnxRuntime;
import io.millrace.runtime.session.SessionEntries;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An exported decoder with a cache for a fixed number of rows, updated in place. */
final class DecoderRun implements AutoCloseable {

  static final int CAPACITY = 32;

  private final OrtEnvironment environment = OnnxRuntime.environment();
  private final LlamaConfig config;
  private final int rows;
  private final OrtSession session;
  private final Map<String, OnnxTensor> past = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final FloatBuffer logits;
  private final int[] lengths;

  DecoderRun(Path model, LlamaConfig config, int rows) throws OrtException {
    this.config = config;
    this.rows = rows;
    this.lengths = new int[rows];
    try (var options = new SessionOptions()) {
      // Without these, int8 saturates on processors that add in 16 bits.
      for (var entry : SessionEntries.of(ModelDirectory.load(model).config()).entrySet()) {
        options.addConfigEntry(entry.getKey(), entry.getValue());
      }
      this.session = environment.createSession(model.resolve("model.onnx").toString(), options);
    }
    long[] shape = {rows, config.keyValueHeads(), CAPACITY, config.headSize()};
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String part : new String[] {".key", ".value"}) {
        FloatBuffer content = floats(rows * config.keyValueSize() * CAPACITY);
        OnnxTensor tensor = OnnxTensor.createTensor(environment, content, shape);
        past.put("past_key_values." + layer + part, tensor);
        outputs.put("present." + layer + part, tensor);
      }
    }
    this.logits = floats(rows * config.vocabularySize());
    long[] logitsShape = {rows, 1, config.vocabularySize()};
    outputs.put("logits", OnnxTensor.createTensor(environment, logits, logitsShape));
  }

  /**
   * Appends tokens to every row and returns the logits of each row's last.
   *
   * @param tokens of each row; shorter rows are padded on the right with token 1
   */
  float[][] append(int[][] tokens) throws OrtException {
    int sequence = 0;
    int total = 0;
    for (int row = 0; row < rows; row++) {
      lengths[row] += tokens[row].length;
      sequence = Math.max(sequence, tokens[row].length);
      total = Math.max(total, lengths[row]);
    }
    LongBuffer ids = LongBuffer.allocate(rows * sequence);
    LongBuffer mask = LongBuffer.allocate(rows * total);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < sequence; i++) {
        ids.put(i < tokens[row].length ? tokens[row][i] : 1);
      }
      for (int i = 0; i < total; i++) {
        mask.put(i < lengths[row] ? 1 : 0);
      }
    }
    try (OnnxTensor idTensor = tensor(ids.flip(), sequence);
        OnnxTensor maskTensor = tensor(mask.flip(), total)) {
      Map<String, OnnxTensor> inputs = new HashMap<>(past);
      inputs.put("input_ids", idTensor);
      inputs.put("attention_mask", maskTensor);
      session.run(inputs, Set.of(), outputs).close();
    }
    float[][] result = new float[rows][config.vocabularySize()];
    for (int row = 0; row < rows; row++) {
      logits.get(row * config.vocabularySize(), result[row]);
    }
    return result;
  }

  /** The logits after the last token of a single row. */
  float[] append(int... tokens) throws OrtException {
    return append(new int[][] {tokens})[0];
  }

  /** The likeliest tokens after a prompt, one after the other, for a single row. */
  List<Integer> greedy(int[] prompt, int count) throws OrtException {
    List<Integer> tokens = new ArrayList<>();
    int[] next = prompt;
    while (tokens.size() < count) {
      int token = PositionDecoderRun.likeliest(append(next));
      tokens.add(token);
      next = new int[] {token};
    }
    return tokens;
  }

  /** Forgets what the rows hold; what is in the cache stays there, as it does in the engine. */
  void restart() {
    Arrays.fill(lengths, 0);
  }

  @Override
  public void close() throws OrtException {
    outputs.values().forEach(OnnxTensor::close);
    session.close();
  }

  private OnnxTensor tensor(LongBuffer values, int columns) throws OrtException {
    return OnnxTensor.createTensor(environment, values, new long[] {rows, columns});
  }

  private static FloatBuffer floats(int count) {
    return ByteBuffer.allocateDirect(count * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }
}
