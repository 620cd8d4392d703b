package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;

/** What differs between decoders of one model: see {@link Layout} and {@link Precision}. */
record DecoderParts(
    CallRows rows, WeightFormat weights, Normalization normalization, Attention attention) {

  /**
   * Declares the inputs and the caches, and makes the parts.
   *
   * @param contextLength positions for which rotations are stored; in {@link Layout#STANDARD} the
   *     capacity of the caches too
   */
  static DecoderParts declare(
      OnnxGraph graph, LlamaConfig config, Precision precision, Layout layout, int contextLength)
      throws IOException {
    return switch (layout) {
      case GROUP_QUERY -> groupQuery(graph, config, precision, contextLength);
      case FUSED -> fused(graph, config, precision, contextLength);
      case STANDARD -> standard(graph, config, floats(precision), contextLength);
    };
  }

  private static FloatFormat floats(Precision precision) {
    return switch (precision) {
      case FP32, FP16, BF16 -> precision.floats();
      case INT8, INT8_WEIGHTS, INT4, INT8_WEIGHTS_FP16, INT4_FP16 ->
          throw new CheckpointException(
              "the layout standard has no precision %s; choose fp32, fp16 or bf16"
                  .formatted(precision.label()));
    };
  }

  private static DecoderParts groupQuery(
      OnnxGraph graph, LlamaConfig config, Precision precision, int contextLength)
      throws IOException {
    FloatFormat format = precision.floats();
    WeightFormat weights =
        switch (precision) {
          case FP32, FP16, BF16 -> new FloatWeights(graph, format);
          case INT8 -> new PerTokenInt8Weights(graph);
          case INT8_WEIGHTS, INT8_WEIGHTS_FP16 -> new BlockQuantizedWeights(graph, 8, format);
          case INT4, INT4_FP16 -> new BlockQuantizedWeights(graph, 4, format);
        };
    return groupQuery(
        graph,
        config,
        precision,
        contextLength,
        weights,
        new FusedNormalization(graph, config.normEpsilon()));
  }

  private static DecoderParts fused(
      OnnxGraph graph, LlamaConfig config, Precision precision, int contextLength)
      throws IOException {
    var products =
        switch (precision) {
          case FP16, BF16 -> new FusedProducts(graph, config, precision.floats());
          case FP32, INT8, INT8_WEIGHTS, INT4, INT8_WEIGHTS_FP16, INT4_FP16 ->
              throw new CheckpointException(
                  "the layout fused has no precision %s; choose fp16 or bf16"
                      .formatted(precision.label()));
        };
    return groupQuery(graph, config, precision, contextLength, products, products);
  }

  private static DecoderParts groupQuery(
      OnnxGraph graph,
      LlamaConfig config,
      Precision precision,
      int contextLength,
      WeightFormat weights,
      Normalization normalization)
      throws IOException {
    FloatFormat format = precision.floats();
    Dimension capacity = Dimension.of("capacity");
    CallRows rows;
    RowLengths lengths;
    if (precision.positions()) {
      PositionRows positions = PositionRows.declare(graph);
      KeyValueCaches.declare(graph, config, format.elementType(), capacity);
      lengths = positions.lengths(KeyValueCaches.pastKeys(0), contextLength);
      rows = positions;
    } else {
      MaskRows mask = MaskRows.declare(graph);
      KeyValueCaches.declare(graph, config, format.elementType(), capacity);
      lengths = mask.lengths();
      rows = mask;
    }
    RotaryTables rotations = RotaryTables.store(graph, config, format, contextLength);
    return new DecoderParts(
        rows, weights, normalization, new GroupQueryAttention(graph, config, lengths, rotations));
  }

  private static DecoderParts standard(
      OnnxGraph graph, LlamaConfig config, FloatFormat format, int capacity) throws IOException {
    PositionRows rows = PositionRows.declare(graph);
    KeyValueCaches.declare(graph, config, format.elementType(), Dimension.of(capacity));
    RotaryTables rotations = RotaryTables.store(graph, config, format, capacity);
    return new DecoderParts(
        rows,
        new StandardFloatWeights(graph, format),
        new StandardNormalization(graph, config.normEpsilon()),
        new StandardAttention(graph, config, rows, rotations, capacity));
  }
}
