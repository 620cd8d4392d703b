package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/**
 * The attention of each layer: one fused projection in, GroupQueryAttention, one projection out.
 */
final class AttentionLayer {

  private final OnnxGraph graph;
  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final WeightFormat weights;
  private final CallShape call;
  private final String cosines;
  private final String sines;

  AttentionLayer(
      OnnxGraph graph,
      Checkpoint checkpoint,
      WeightFormat weights,
      CallShape call,
      int contextLength)
      throws IOException {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.weights = weights;
    this.call = call;
    double[] frequencies = config.rotaryEmbedding().frequencies(config.headSize());
    long[] shape = {contextLength, frequencies.length};
    float[] cosineTable = new float[contextLength * frequencies.length];
    float[] sineTable = new float[cosineTable.length];
    for (int position = 0; position < contextLength; position++) {
      for (int pair = 0; pair < frequencies.length; pair++) {
        double angle = position * frequencies[pair];
        cosineTable[position * frequencies.length + pair] = (float) StrictMath.cos(angle);
        sineTable[position * frequencies.length + pair] = (float) StrictMath.sin(angle);
      }
    }
    this.cosines = graph.floats("cos_cache", shape, cosineTable);
    this.sines = graph.floats("sin_cache", shape, sineTable);
  }

  /** Projects to queries, keys and values, updates the cache and attends. */
  Activation attend(int layer, Activation input) throws IOException {
    String name = "model.layers." + layer + ".self_attn";
    String past = "past_key_values." + layer;
    String present = "present." + layer;
    Matrix fused =
        Matrix.stacked(
            checkpoint.matrix(name + ".q_proj.weight", config.querySize(), config.hiddenSize()),
            checkpoint.matrix(name + ".k_proj.weight", config.keyValueSize(), config.hiddenSize()),
            checkpoint.matrix(name + ".v_proj.weight", config.keyValueSize(), config.hiddenSize()));
    String bias = config.inputBias() ? storeBias(name + ".qkv_proj", fusedBias(name)) : "";
    String projected = projectAndAdd(name + ".qkv_proj", fused, bias, input);
    declareCache(past, present);
    graph.node(
        MICROSOFT_DOMAIN,
        "GroupQueryAttention",
        List.of(name + "/attention", present + ".key", present + ".value"),
        List.of(
            projected,
            "",
            "",
            past + ".key",
            past + ".value",
            call.lastPositions(),
            call.totalLength(),
            cosines,
            sines),
        Attribute.of("num_heads", config.attentionHeads()),
        Attribute.of("kv_num_heads", config.keyValueHeads()),
        Attribute.of("do_rotary", 1));
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
    return graph.floats(name + ".bias", new long[] {bias.length}, bias);
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

  private void declareCache(String past, String present) {
    List<Dimension> shape =
        List.of(
            Dimension.of("batch"),
            Dimension.of(config.keyValueHeads()),
            Dimension.of("capacity"),
            Dimension.of(config.headSize()));
    for (String part : List.of(".key", ".value")) {
      graph.input(past + part, ElementType.FLOAT, shape);
      graph.output(present + part, ElementType.FLOAT, shape);
    }
  }
}
