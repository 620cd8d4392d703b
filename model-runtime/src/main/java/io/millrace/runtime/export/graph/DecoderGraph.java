package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Builds the decoder of a Llama-family model.
 *
 * <p>Inputs and outputs of the graph, with sizes chosen by each run where nothing else is said:
 *
 * <ul>
 *   <li>{@code input_ids [batch, sequence]}: the new tokens of each row
 *   <li>{@code attention_mask [batch, total_sequence]}, in {@link Layout#GROUP_QUERY} with a
 *       precision for CPU: for each row as many ones as it has tokens in the cache and in this call
 *       together, then zeros
 *   <li>{@code position_ids [batch, sequence]}, otherwise: for each row consecutive numbers from
 *       the number of tokens in its cache; padding on the right repeats the row's last
 *   <li>{@code past_key_values.N.key|value [batch, key-value heads, capacity, head size]} and
 *       {@code present.N.key|value}: the same buffer may be both, and is then updated in place. The
 *       capacity is fixed in {@link Layout#STANDARD}
 *   <li>{@code logits [batch, 1, vocabulary]}: for the last token of each row
 * </ul>
 *
 * <p>Rows of different lengths may share a call: in {@link Layout#STANDARD} any call; over
 * GroupQueryAttention a decode step (sequence 1, any pasts) and, with an {@code attention_mask}, a
 * prefill without past. Shorter rows are padded on the right, and {@code logits} are those of each
 * row's own last token. Any other call over GroupQueryAttention takes one row, without padding if
 * there is an {@code attention_mask}: so the operator has it. (With {@code position_ids} the total
 * length that it is told is the capacity, so that it takes no call for a first prompt unless the
 * sequence is as long.)
 *
 * <p>With {@code position_ids}, what padding writes to the cache lies behind the row's end, where
 * the next call writes again. First position and sequence together must not be more than the
 * capacity, and the capacity not more than the context length.
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
 * <p>{@link Layout#FUSED} has inputs, outputs and rules of {@link Layout#GROUP_QUERY} with {@code
 * position_ids}.
 *
 * <p>In the last layer every token but the last of its row is dropped after the attention, because
 * nothing reads it any more.
 */
public final class DecoderGraph {

  private final OnnxGraph graph;
  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final FloatFormat format;
  private final DecoderParts parts;

  static final String TOKENS = "input_ids";

  /** The rotation inside GroupQueryAttention works on this many features at a time. */
  private static final int HEAD_SIZE_STEP = 16;

  private DecoderGraph(
      OnnxGraph graph, Checkpoint checkpoint, FloatFormat format, DecoderParts parts) {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.format = format;
    this.parts = parts;
  }

  /**
   * Adds the whole decoder to an empty graph.
   *
   * @param contextLength positions for which rotations are stored; in {@link Layout#STANDARD} the
   *     capacity of the caches too
   * @param layersDone told after each layer how many there are
   * @throws CheckpointException if the operators of ONNX Runtime cannot compute the model
   */
  public static void build(
      OnnxGraph graph,
      Checkpoint checkpoint,
      Precision precision,
      Layout layout,
      int contextLength,
      IntConsumer layersDone)
      throws IOException {
    requireMultiple("head size", checkpoint.config().headSize(), HEAD_SIZE_STEP);
    if (precision.isInBlocks()) {
      requireMultiple("hidden size", checkpoint.config().hiddenSize(), BlockQuantizedMatrix.BLOCK);
    }
    DecoderParts parts =
        DecoderParts.declare(graph, checkpoint.config(), precision, layout, contextLength);
    new DecoderGraph(graph, checkpoint, precision.floats(), parts).build(layersDone);
  }

  private static void requireMultiple(String name, int size, int step) {
    if (size % step != 0) {
      throw new CheckpointException(
          "unsupported %s %d: it must be a multiple of %d".formatted(name, size, step));
    }
  }

  private void build(IntConsumer layersDone) throws IOException {
    AttentionLayer attentionLayer =
        new AttentionLayer(graph, checkpoint, parts.weights(), format, parts.attention());
    CallRows rows = parts.rows();
    Matrix embedding =
        checkpoint.matrix(
            "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
    String tableName = "model.embed_tokens.weight";
    Activation residual = rows.tokens(parts.weights().lookUp(tableName, embedding, TOKENS));
    String firstNorm = "model.layers.0.input_layernorm";
    Activation normalized = residual.with(firstNorm + "/output");
    parts.normalization().normalize(normalized.value(), residual.value(), norm(firstNorm));
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
    parts
        .weights()
        .feedForward(
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
      parts.weights().multiplyByTable("lm_head", tableName, embedding, input, "logits");
    } else {
      Matrix head =
          checkpoint.matrix("lm_head.weight", config.vocabularySize(), config.hiddenSize());
      parts.weights().multiply("lm_head", head, input, "logits");
    }
    graph.output(
        "logits",
        format.elementType(),
        List.of(Dimension.of("batch"), Dimension.of(1), Dimension.of(config.vocabularySize())));
  }

  private Skip addAndNormalize(String name, Activation addend, Activation residual)
      throws IOException {
    String normalized = name + "/output";
    String sum = name.equals("model.norm") ? "" : name + "/sum";
    parts
        .normalization()
        .addAndNormalize(normalized, sum, residual.value(), addend.value(), norm(name));
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
