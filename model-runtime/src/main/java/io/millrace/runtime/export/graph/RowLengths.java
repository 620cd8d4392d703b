package io.millrace.runtime.export.graph;

/**
 * What GroupQueryAttention is told of the rows.
 *
 * @param lastPositions name of the tokens of each row, this call's included, less one, {@code
 *     [batch]}, int32. The operator subtracts the length of the sequence from it to find a row's
 *     past, so padding counts as tokens unless no row has a past
 * @param totalLength name of the longest row, one element, int32
 */
record RowLengths(String lastPositions, String totalLength) {}
