package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/**
 * The rows as {@code input_ids} and {@code attention_mask} tell them: the form of the precisions
 * for CPU.
 *
 * @param graph that the values are in
 * @param tokenShape the shape {@code [batch, sequence, 1]}
 * @param lastTokenShape the shape {@code [batch, 1, 1]}
 * @param lastTokens index of each row's last token in the sequence, {@code [batch, 1, 1]}
 * @param lengths tokens of each row
 */
record MaskRows(
    OnnxGraph graph,
    String tokenShape,
    String lastTokenShape,
    String lastTokens,
    RowLengths lengths)
    implements CallRows {

  private static final String TOKENS = DecoderGraph.TOKENS;

  private static final String MASK = "attention_mask";

  /** {@code TensorProto.INT32}. */
  private static final int INT32 = 6;

  /** Declares the two inputs and adds the nodes. */
  static MaskRows declare(OnnxGraph graph) throws IOException {
    Dimension batch = Dimension.of("batch");
    graph.input(TOKENS, ElementType.INT64, List.of(batch, Dimension.of("sequence")));
    graph.input(MASK, ElementType.INT64, List.of(batch, Dimension.of("total_sequence")));
    String one = graph.longs("call/one", 1);
    String scalarOne = graph.longScalar("call/scalar_one", 1);

    String shape = graph.node("", "Shape", "call/shape", List.of(TOKENS));
    String rows = graph.node("", "Shape", "call/rows", List.of(TOKENS), Attribute.of("end", 1));
    String tokenShape =
        graph.node("", "Concat", "call/token_shape", List.of(shape, one), Attribute.of("axis", 0));
    String lastTokenShape =
        graph.node(
            "",
            "Concat",
            "call/last_token_shape",
            List.of(rows, one, one),
            Attribute.of("axis", 0));

    String lengths =
        graph.node(
            "", "ReduceSum", "call/lengths", List.of(MASK, one), Attribute.of("keepdims", 0));
    String lastOfRows = graph.node("", "Sub", "call/last_of_rows", List.of(lengths, one));
    String lastPositions =
        graph.node(
            "", "Cast", "call/last_positions", List.of(lastOfRows), Attribute.of("to", INT32));
    String maskShape = graph.node("", "Shape", "call/mask_shape", List.of(MASK));
    String total = graph.node("", "Gather", "call/total", List.of(maskShape, scalarOne));
    String totalLength =
        graph.node("", "Cast", "call/total_length", List.of(total), Attribute.of("to", INT32));

    // Without a past a row's last token is at its length less one; with a past the call has no
    // padding, so it is the last of the sequence. The smaller of the two is right for both.
    String sequence =
        graph.node("", "Shape", "call/sequence", List.of(TOKENS), Attribute.of("start", 1));
    String lastOfSequence = graph.node("", "Sub", "call/last_of_sequence", List.of(sequence, one));
    String lastInCall =
        graph.node("", "Min", "call/last_in_call", List.of(lastOfRows, lastOfSequence));
    String lastTokens =
        graph.node("", "Reshape", "call/last_tokens", List.of(lastInCall, lastTokenShape));
    return new MaskRows(
        graph, tokenShape, lastTokenShape, lastTokens, new RowLengths(lastPositions, totalLength));
  }

  @Override
  public Activation tokens(String value) {
    return new Activation(value, tokenShape);
  }

  @Override
  public Activation lastOfEachRow(String name, Activation input, int features) {
    return new Activation(
        graph.node(
            "",
            "GatherND",
            name,
            List.of(input.value(), lastTokens),
            Attribute.of("batch_dims", 1)),
        lastTokenShape);
  }
}
