package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/** The attention of each layer: one fused projection in, attention, one projection out. */
final class AttentionLayer {

  private final OnnxGraph graph;
  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final WeightFormat weights;
  private final FloatFormat format;
  private final Attention attention;

  AttentionLayer(
      OnnxGraph graph,
      Checkpoint checkpoint,
      WeightFormat weights,
      FloatFormat format,
      Attention attention) {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.weights = weights;
    this.format = format;
    this.attention = attention;
  }

  /** Projects to queries, keys and values, updates the cache and attends. */
  Activation attend(int layer, Activation input) throws IOException {
    String name = "model.layers." + layer + ".self_attn";
    Matrix fused =
        Matrix.stacked(
            checkpoint.matrix(name + ".q_proj.weight", config.querySize(), config.hiddenSize()),
            checkpoint.matrix(name + ".k_proj.weight", config.keyValueSize(), config.hiddenSize()),
            checkpoint.matrix(name + ".v_proj.weight", config.keyValueSize(), config.hiddenSize()));
    String bias = config.inputBias() ? storeBias(name + ".qkv_proj", fusedBias(name)) : "";
    String projected = projectAndAdd(name + ".qkv_proj", fused, bias, input);
    attention.attend(layer, name + "/attention", projected);
    return input.with(name + "/attention");
  }

  /** The output projection. */
  String project(int layer, Activation attended) throws IOException {
    String name = "model.layers." + layer + ".self_attn.o_proj";
    Matrix matrix = checkpoint.matrix(name + ".weight", config.hiddenSize(), config.querySize());
    String bias =
        config.outputBias()
            ? storeBias(name, checkpoint.vector(name + ".bias", config.hiddenSize()))
            : "";
    return projectAndAdd(name, matrix, bias, attended);
  }

  private String projectAndAdd(String name, Matrix matrix, String bias, Activation input)
      throws IOException {
    String projected = name + "/output";
    weights.multiply(name, matrix, input, projected);
    return bias.isEmpty()
        ? projected
        : graph.node("", "Add", name + "/biased", List.of(projected, bias));
  }

  private String storeBias(String name, float[] bias) throws IOException {
    return graph.floats(name + ".bias", format, new long[] {bias.length}, bias);
  }

  private float[] fusedBias(String name) {
    int keyValueSize = config.keyValueSize();
    float[] bias = new float[config.querySize() + 2 * keyValueSize];
    float[] queries = checkpoint.vector(name + ".q_proj.bias", config.querySize());
    float[] keys = checkpoint.vector(name + ".k_proj.bias", keyValueSize);
    float[] values = checkpoint.vector(name + ".v_proj.bias", keyValueSize);
    System.arraycopy(queries, 0, bias, 0, queries.length);
    System.arraycopy(keys, 0, bias, queries.length, keyValueSize);
    System.arraycopy(values, 0, bias, queries.length + keyValueSize, keyValueSize);
    return bias;
  }
}
