package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Builds the decoder of a Llama-family model over GroupQueryAttention.
 *
 * <p>Inputs and outputs of the graph, all of them with sizes chosen by each run:
 *
 * <ul>
 *   <li>{@code input_ids [batch, sequence]}: the new tokens of each row
 *   <li>{@code attention_mask [batch, total_sequence]}: for each row as many ones as it has tokens
 *       in the cache and in this call together, then zeros
 *   <li>{@code past_key_values.N.key|value [batch, key-value heads, capacity, head size]} and
 *       {@code present.N.key|value}: the same buffer may be both, and is then updated in place
 *   <li>{@code logits [batch, 1, vocabulary]}: for the last token of each row
 * </ul>
 *
 * <p>Activation may differ in length in a decode step (sequence 1, any pasts) and in a prefill
 * without past (shorter rows padded on the right; {@code logits} are those of each row's own last
 * token). A prefill onto a past takes one row at a time, without padding: so GroupQueryAttention
 * has it.
 *
 * <p>In the last layer every token but the last of its row is dropped after the attention, because
 * nothing reads it any more.
 */
public final class DecoderGraph {

  private final OnnxGraph graph;
  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final WeightFormat weights;
  private final CallShape call;
  private final int contextLength;

  /** The rotation inside GroupQueryAttention works on this many features at a time. */
  private static final int HEAD_SIZE_STEP = 16;

  private DecoderGraph(
      OnnxGraph graph, Checkpoint checkpoint, Precision precision, int contextLength)
      throws IOException {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.contextLength = contextLength;
    this.weights =
        switch (precision) {
          case FP32 -> new Float32Weights(graph);
          case INT8 -> new PerTokenInt8Weights(graph);
          case INT8_WEIGHTS -> new BlockQuantizedWeights(graph, 8);
          case INT4 -> new BlockQuantizedWeights(graph, 4);
        };
    this.call = CallShape.declare(graph);
  }

  /**
   * Adds the whole decoder to an empty graph.
   *
   * @param contextLength positions for which rotations are stored
   * @param layersDone told after each layer how many there are
   * @throws CheckpointException if the operators of ONNX Runtime cannot compute the model
   */
  public static void build(
      OnnxGraph graph,
      Checkpoint checkpoint,
      Precision precision,
      int contextLength,
      IntConsumer layersDone)
      throws IOException {
    requireMultiple("head size", checkpoint.config().headSize(), HEAD_SIZE_STEP);
    if (precision == Precision.INT8_WEIGHTS || precision == Precision.INT4) {
      requireMultiple("hidden size", checkpoint.config().hiddenSize(), BlockQuantizedMatrix.BLOCK);
    }
    new DecoderGraph(graph, checkpoint, precision, contextLength).build(layersDone);
  }

  private static void requireMultiple(String name, int size, int step) {
    if (size % step != 0) {
      throw new CheckpointException(
          "unsupported %s %d: it must be a multiple of %d".formatted(name, size, step));
    }
  }

  private void build(IntConsumer layersDone) throws IOException {
    AttentionLayer attention = new AttentionLayer(graph, checkpoint, weights, call, contextLength);
    Matrix embedding =
        checkpoint.matrix(
            "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
    String tableName = "model.embed_tokens.weight";
    Activation residual =
        new Activation(weights.lookUp(tableName, embedding, CallShape.TOKENS), call.tokenShape());
    Activation normalized =
        residual.with(
            graph.node(
                "",
                "SimplifiedLayerNormalization",
                "model.layers.0.input_layernorm/output",
                List.of(residual.value(), norm("model.layers.0.input_layernorm")),
                Attribute.of("axis", -1),
                Attribute.of("epsilon", config.normEpsilon())));
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean last = layer == config.layers() - 1;
      String prefix = "model.layers." + layer;
      Activation attended = attention.attend(layer, normalized);
      if (last) {
        attended = call.lastOfEachRow(prefix + ".self_attn/last", attended);
        residual = call.lastOfEachRow(prefix + ".residual/last", residual);
      }
      String projected = attention.project(layer, attended);
      Skip afterAttention =
          addAndNormalize(prefix + ".post_attention_layernorm", attended.with(projected), residual);
      String output = feedForward(prefix + ".mlp", afterAttention.normalized());
      Skip afterFeedForward =
          addAndNormalize(
              last ? "model.norm" : "model.layers." + (layer + 1) + ".input_layernorm",
              attended.with(output),
              afterAttention.sum());
      normalized = afterFeedForward.normalized();
      residual = afterFeedForward.sum();
      layersDone.accept(layer + 1);
    }
    head(tableName, embedding, normalized);
  }

  private String feedForward(String name, Activation input) throws IOException {
    int inner = config.intermediateSize();
    int hidden = config.hiddenSize();
    String output = name + "/output";
    weights.feedForward(
        name,
        checkpoint.matrix(name + ".gate_proj.weight", inner, hidden),
        checkpoint.matrix(name + ".up_proj.weight", inner, hidden),
        checkpoint.matrix(name + ".down_proj.weight", hidden, inner),
        input,
        output);
    return output;
  }

  private void head(String tableName, Matrix embedding, Activation input) throws IOException {
    if (config.tiedEmbeddings()) {
      weights.multiplyByTable("lm_head", tableName, embedding, input, "logits");
    } else {
      Matrix head =
          checkpoint.matrix("lm_head.weight", config.vocabularySize(), config.hiddenSize());
      weights.multiply("lm_head", head, input, "logits");
    }
    graph.output(
        "logits",
        ElementType.FLOAT,
        List.of(Dimension.of("batch"), Dimension.of(1), Dimension.of(config.vocabularySize())));
  }

  private Skip addAndNormalize(String name, Activation addend, Activation residual)
      throws IOException {
    String normalized = name + "/output";
    String sum = name + "/sum";
    graph.node(
        MICROSOFT_DOMAIN,
        "SkipSimplifiedLayerNormalization",
        name.equals("model.norm") ? List.of(normalized) : List.of(normalized, "", "", sum),
        List.of(residual.value(), addend.value(), norm(name)),
        Attribute.of("epsilon", config.normEpsilon()));
    return new Skip(addend.with(normalized), addend.with(sum));
  }

  private String norm(String name) throws IOException {
    return graph.floats(
        name + ".weight",
        new long[] {config.hiddenSize()},
        checkpoint.vector(name + ".weight", config.hiddenSize()));
  }

  /** A sum of the residual stream, and the same normalized for the next projection. */
  private record Skip(Activation normalized, Activation sum) {}
}
