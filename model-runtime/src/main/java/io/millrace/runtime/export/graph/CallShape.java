package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.onnx.Attribute;
import io.millrace.runtime.export.onnx.Dimension;
import io.millrace.runtime.export.onnx.ElementType;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;
import java.util.List;

/**
 * What the graph works out once per call from {@code input_ids} and {@code attention_mask}.
 *
 * @param graph that the values are in
 * @param tokens the ids of all rows, one after the other, {@code [batch · sequence]}
 * @param tokenCount how many these are, {@code [1]}
 * @param batch number of rows, {@code [1]}
 * @param shape batch and sequence, {@code [2]}
 * @param lastPositions index of each row's last token in {@code tokens}, {@code [batch]}
 * @param pastLengths tokens of each row, this call's included, less one, {@code [batch]}, int32
 * @param totalLength the longest row, {@code []}, int32
 */
record CallShape(
    OnnxGraph graph,
    String tokens,
    String tokenCount,
    String batch,
    String shape,
    String lastPositions,
    String pastLengths,
    String totalLength) {

  private static final int INT32 = 6;

  /** Declares the two inputs and adds the nodes. */
  static CallShape declare(OnnxGraph graph) throws IOException {
    Dimension batchAxis = Dimension.of("batch");
    graph.input("input_ids", ElementType.INT64, List.of(batchAxis, Dimension.of("sequence")));
    graph.input(
        "attention_mask", ElementType.INT64, List.of(batchAxis, Dimension.of("total_sequence")));
    String zero = graph.longScalar("call/zero", 0);
    String one = graph.longScalar("call/one", 1);
    String everything = graph.longs("call/everything", -1);
    String lastAxis = graph.longs("call/last_axis", 1);

    String tokens = graph.node("", "Reshape", "call/tokens", List.of("input_ids", everything));
    String tokenCount = graph.node("", "Shape", "call/token_count", List.of(tokens));
    String shape = graph.node("", "Shape", "call/shape", List.of("input_ids"));
    String batch =
        graph.node("", "Shape", "call/batch", List.of("input_ids"), Attribute.of("end", 1));
    String rows = graph.node("", "Gather", "call/rows", List.of(shape, zero));
    String sequence = graph.node("", "Gather", "call/sequence", List.of(shape, one));

    String lengths =
        graph.node(
            "",
            "ReduceSum",
            "call/lengths",
            List.of("attention_mask", lastAxis),
            Attribute.of("keepdims", 0));
    String lastOfCached = graph.node("", "Sub", "call/last_of_cached", List.of(lengths, one));
    String pastLengths =
        graph.node(
            "", "Cast", "call/past_lengths", List.of(lastOfCached), Attribute.of("to", INT32));
    String maskShape = graph.node("", "Shape", "call/mask_shape", List.of("attention_mask"));
    String total = graph.node("", "Gather", "call/total", List.of(maskShape, one));
    String totalLength =
        graph.node("", "Cast", "call/total_length", List.of(total), Attribute.of("to", INT32));

    // Without a past a row's last token is at its length less one; with a past the call has no
    // padding, so it is the last of the sequence. The smaller of the two is right for both.
    String lastOfSequence = graph.node("", "Sub", "call/last_of_sequence", List.of(sequence, one));
    String lastInRow =
        graph.node("", "Min", "call/last_in_row", List.of(lastOfCached, lastOfSequence));
    String rowIndexes = graph.node("", "Range", "call/row_indexes", List.of(zero, rows, one));
    String rowStarts = graph.node("", "Mul", "call/row_starts", List.of(rowIndexes, sequence));
    String lastPositions =
        graph.node("", "Add", "call/last_positions", List.of(rowStarts, lastInRow));
    return new CallShape(
        graph, tokens, tokenCount, batch, shape, lastPositions, pastLengths, totalLength);
  }

  /** Keeps the last token of each row: {@code [batch · sequence, n]} becomes {@code [batch, n]}. */
  Rows lastOfEachRow(String name, Rows input) {
    return new Rows(graph.node("", "Gather", name, List.of(input.value(), lastPositions)), batch);
  }
}
