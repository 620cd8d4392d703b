package io.millrace.runtime.export;

import io.millrace.runtime.export.graph.Precision;
import java.nio.file.Path;

/**
 * What an export wrote.
 *
 * @param directory the model directory
 * @param precision its number formats
 * @param parameters number of weights, tied ones once, norms and biases left out
 * @param bytes size of {@code model.onnx} and {@code model.onnx.data} together
 */
public record ExportReport(Path directory, Precision precision, long parameters, long bytes) {}
