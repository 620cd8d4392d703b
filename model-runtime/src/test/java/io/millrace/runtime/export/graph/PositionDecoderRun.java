package io.millrace.runtime.export.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.session.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An exported decoder that is told positions, with a cache for a fixed number of rows, updated in
 * place. A call takes any rows that lie side by side.
 */
final class PositionDecoderRun implements AutoCloseable {

  private final OrtEnvironment environment = OnnxRuntime.environment();
  private final LlamaConfig config;
  private final FloatFormat format;
  private final int capacity;
  private final OrtSession session;
  private final List<ByteBuffer> caches = new ArrayList<>();
  private final int[] lengths;

  PositionDecoderRun(Path model, LlamaConfig config, Precision precision, int rows, int capacity)
      throws OrtException {
    this.config = config;
    this.format = precision.floats();
    this.capacity = capacity;
    this.lengths = new int[rows];
    try (var options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      this.session = environment.createSession(model.resolve("model.onnx").toString(), options);
    }
    for (int i = 0; i < 2 * config.layers(); i++) {
      caches.add(direct(rows * rowElements()));
    }
  }

  /** Appends tokens to every row: see {@link #append(int, int, int[]...)}. */
  float[][] appendToAll(int[]... tokens) throws OrtException {
    return append(0, 0, tokens);
  }

  /**
   * Appends tokens to rows and returns the logits of each row's last.
   *
   * @param firstRow row that the first tokens are for
   * @param padding columns more than the longest row has tokens
   * @param tokens of each row; shorter rows are padded on the right with token 1
   */
  float[][] append(int firstRow, int padding, int[]... tokens) throws OrtException {
    int sequence = padding + Arrays.stream(tokens).mapToInt(row -> row.length).max().orElseThrow();
    LongBuffer ids = LongBuffer.allocate(tokens.length * sequence);
    LongBuffer positions = LongBuffer.allocate(tokens.length * sequence);
    for (int row = 0; row < tokens.length; row++) {
      for (int i = 0; i < sequence; i++) {
        boolean real = i < tokens[row].length;
        ids.put(real ? tokens[row][i] : 1);
        positions.put(lengths[firstRow + row] + (real ? i : tokens[row].length - 1));
      }
      lengths[firstRow + row] += tokens[row].length;
    }
    return run(firstRow, tokens.length, sequence, ids.flip(), positions.flip());
  }

  /** The likeliest tokens after a prompt, one after the other, for a single row. */
  List<Integer> greedy(int[] prompt, int count) throws OrtException {
    List<Integer> tokens = new ArrayList<>();
    int[] next = prompt;
    while (tokens.size() < count) {
      int token = likeliest(append(0, 0, next)[0]);
      tokens.add(token);
      next = new int[] {token};
    }
    return tokens;
  }

  /** Forgets what the rows hold; what is in the cache stays there, as it does in the engine. */
  void restart() {
    Arrays.fill(lengths, 0);
  }

  static int likeliest(float[] logits) {
    int likeliest = 0;
    for (int token = 1; token < logits.length; token++) {
      likeliest = logits[token] > logits[likeliest] ? token : likeliest;
    }
    return likeliest;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }

  private float[][] run(int firstRow, int rows, int sequence, LongBuffer ids, LongBuffer positions)
      throws OrtException {
    ByteBuffer logits = direct(rows * config.vocabularySize());
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Map<String, OnnxTensor> outputs = new HashMap<>();
    try {
      long[] shape = {rows, sequence};
      inputs.put("input_ids", OnnxTensor.createTensor(environment, ids, shape));
      inputs.put("position_ids", OnnxTensor.createTensor(environment, positions, shape));
      for (int i = 0; i < caches.size(); i++) {
        String suffix = "." + i / 2 + (i % 2 == 0 ? ".key" : ".value");
        OnnxTensor cache = cacheOf(caches.get(i), firstRow, rows);
        inputs.put("past_key_values" + suffix, cache);
        outputs.put("present" + suffix, cache);
      }
      outputs.put("logits", tensor(logits, rows, 1, config.vocabularySize()));
      session.run(inputs, Set.of(), outputs).close();
    } finally {
      // A cache is among both, and must be closed once.
      Set<OnnxTensor> tensors = new HashSet<>(inputs.values());
      tensors.addAll(outputs.values());
      tensors.forEach(OnnxTensor::close);
    }
    float[][] result = new float[rows][config.vocabularySize()];
    for (float[] row : result) {
      for (int i = 0; i < row.length; i++) {
        row[i] = read(logits);
      }
    }
    return result;
  }

  private float read(ByteBuffer values) {
    return switch (format) {
      case FLOAT32 -> values.getFloat();
      case FLOAT16 -> Float.float16ToFloat(values.getShort());
      case BFLOAT16 -> Float.intBitsToFloat(values.getShort() << Short.SIZE);
    };
  }

  private OnnxTensor cacheOf(ByteBuffer arena, int firstRow, int rows) throws OrtException {
    int rowBytes = rowElements() * format.elementType().bytes();
    ByteBuffer slice =
        arena.slice(firstRow * rowBytes, rows * rowBytes).order(ByteOrder.nativeOrder());
    return tensor(slice, rows, config.keyValueHeads(), capacity, config.headSize());
  }

  private int rowElements() {
    return config.keyValueSize() * capacity;
  }

  private OnnxTensor tensor(ByteBuffer values, long... shape) throws OrtException {
    OnnxJavaType type =
        switch (format) {
          case FLOAT32 -> OnnxJavaType.FLOAT;
          case FLOAT16 -> OnnxJavaType.FLOAT16;
          case BFLOAT16 -> OnnxJavaType.BFLOAT16;
        };
    return OnnxTensor.createTensor(environment, values, shape, type);
  }

  private ByteBuffer direct(int elements) {
    return ByteBuffer.allocateDirect(elements * format.elementType().bytes())
        .order(ByteOrder.nativeOrder());
  }
}
