package io.millrace.runtime.export.graph;

import static io.millrace.runtime.export.onnx.OnnxGraph.MICROSOFT_DOMAIN;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.FloatFormat;
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
 *   <li>{@code attention_mask [batch, total_sequence]}, in the precisions for CPU: for each row as
 *       many ones as it has tokens in the cache and in this call together, then zeros
 *   <li>{@code position_ids [batch, sequence]}, in the precisions for GPU: for each row consecutive
 *       numbers from the number of tokens in its cache; padding on the right repeats the row's last
 *   <li>{@code past_key_values.N.key|value [batch, key-value heads, capacity, head size]} and
 *       {@code present.N.key|value}: the same buffer may be both, and is then updated in place
 *   <li>{@code logits [batch, 1, vocabulary]}: for the last token of each row
 * </ul>
 *
 * <p>Rows may differ in length in a decode step (sequence 1, any pasts) and, with an {@code
 * attention_mask}, in a prefill without past (shorter rows padded on the right; {@code logits} are
 * those of each row's own last token). A prefill onto a past takes one row at a time, without
 * padding: so GroupQueryAttention has it.
 *
 * <p>With {@code position_ids} every prefill takes one row at a time, because the total length that
 * the operator is told is the capacity: it then takes no call for a first prompt (unless the
 * sequence is as long as the capacity). Padding is allowed: what it writes to the cache lies behind
 * the row's end, where the next call writes again. First position and sequence together must not be
 * more than the capacity, and the capacity not more than the context length.
 *
 * <p>A graph with {@code position_ids} can be captured as a CUDA graph, for which no value may
 * cross between host and GPU memory within it (ONNX Runtime refuses to capture a graph with a copy
 * node, {@code AreAllComputeNodesAssignedToCudaOrJsOrDmlEpWebGpuEp} in inference_session.cc). So:
 * what comes of a Shape node lies on the host and may feed only inputs that kernels take from there
 * (the ends of a slice, {@code total_sequence_length}); what feeds any other input comes of {@code
 * input_ids}, {@code position_ids} and constants; and neither may feed what the other may. A node
 * that mixes the two would be moved to the CPU ({@code GetCpuPreferredNodes} in
 * fallback_cpu_capability.cc), with a copy on the way back. Besides, sizes that a captured call was
 * told from the host stay as they were: the total length is the capacity for that reason.
 *
 * <p>In the last layer every token but the last of its row is dropped after the attention, because
 * nothing reads it any more.
 */
public final class DecoderGraph {

  private final OnnxGraph graph;
  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final WeightFormat weights;
  private final FloatFormat format;
  private final CallRows rows;
  private final Attention attention;

  static final String TOKENS = "input_ids";

  /** The rotation inside GroupQueryAttention works on this many features at a time. */
  private static final int HEAD_SIZE_STEP = 16;

  private DecoderGraph(
      OnnxGraph graph, Checkpoint checkpoint, Precision precision, int contextLength)
      throws IOException {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.format = precision.floats();
    this.weights =
        switch (precision) {
          case FP32, FP16, BF16 -> new FloatWeights(graph, format);
          case INT8 -> new PerTokenInt8Weights(graph);
          case INT8_WEIGHTS -> new BlockQuantizedWeights(graph, 8);
          case INT4 -> new BlockQuantizedWeights(graph, 4);
        };
    RowLengths lengths;
    if (precision.positions()) {
      PositionRows positionRows = PositionRows.declare(graph);
      declareCaches();
      this.rows = positionRows;
      lengths = positionRows.lengths(KeyValueCaches.pastKeys(0), contextLength);
    } else {
      MaskRows maskRows = MaskRows.declare(graph);
      declareCaches();
      this.rows = maskRows;
      lengths = maskRows.lengths();
    }
    RotaryTables rotations = RotaryTables.store(graph, config, format, contextLength);
    this.attention = new GroupQueryAttention(graph, config, lengths, rotations);
  }

  private void declareCaches() {
    KeyValueCaches.declare(graph, config, format.elementType(), Dimension.of("capacity"));
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
    AttentionLayer attentionLayer =
        new AttentionLayer(graph, checkpoint, weights, format, attention);
    Matrix embedding =
        checkpoint.matrix(
            "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
    String tableName = "model.embed_tokens.weight";
    Activation residual = rows.tokens(weights.lookUp(tableName, embedding, TOKENS));
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
      Activation attended = attentionLayer.attend(layer, normalized);
      if (last) {
        attended = rows.lastOfEachRow(prefix + ".self_attn/last", attended, config.querySize());
        residual = rows.lastOfEachRow(prefix + ".residual/last", residual, config.hiddenSize());
      }
      String projected = attentionLayer.project(layer, attended);
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
        format.elementType(),
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
        format,
        new long[] {config.hiddenSize()},
        checkpoint.vector(name + ".weight", config.hiddenSize()));
  }

  /** A sum of the residual stream, and the same normalized for the next projection. */
  private record Skip(Activation normalized, Activation sum) {}
}
