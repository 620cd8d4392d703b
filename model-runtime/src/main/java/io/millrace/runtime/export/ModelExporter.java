package io.millrace.runtime.export;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.CheckpointException;
import io.millrace.runtime.export.graph.DecoderGraph;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.export.onnx.OnnxGraph;
import io.millrace.runtime.export.onnx.OperatorSets;
import io.millrace.runtime.export.onnx.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model directory in the convention of ONNX Runtime GenAI from a checkpoint.
 *
 * <p>The same checkpoint and request give the same bytes, on any machine.
 */
public final class ModelExporter {

  /** Larger models keep their weights in a file of their own, which the run time maps. */
  static final long LARGEST_SINGLE_FILE_BYTES = 64L << 20;

  private ModelExporter() {}

  /**
   * Exports.
   *
   * @throws CheckpointException if the checkpoint lacks a weight or cannot be exported
   */
  public static ExportReport export(
      Checkpoint checkpoint, ExportRequest request, ExportListener listener) throws IOException {
    return export(checkpoint, request, listener, LARGEST_SINGLE_FILE_BYTES);
  }

  static ExportReport export(
      Checkpoint checkpoint,
      ExportRequest request,
      ExportListener listener,
      long largestSingleFileBytes)
      throws IOException {
    Path directory = Files.createDirectories(request.output());
    Path modelFile = directory.resolve("model.onnx");
    Path weightPath = directory.resolve("model.onnx.data");
    Files.deleteIfExists(weightPath);
    // Without it nothing loads what a failed export leaves behind.
    Path configFile = directory.resolve("genai_config.json");
    Files.deleteIfExists(configFile);
    int contextLength = request.contextLength(checkpoint.config().contextLength());
    int layers = checkpoint.config().layers();
    checkpoint.writeTokenizer(directory);
    try (WeightFile weightFile =
        weightBytes(checkpoint, request.precision()) > largestSingleFileBytes
            ? new WeightFile(weightPath)
            : null) {
      OnnxGraph graph = graph(checkpoint, request, weightFile);
      DecoderGraph.build(
          graph,
          checkpoint,
          request.precision(),
          request.layout(),
          contextLength,
          done -> listener.layerDone(done, layers));
      graph.writeTo(modelFile);
    }
    GenaiConfig.write(configFile, checkpoint, contextLength, request.positions());
    long bytes = Files.size(modelFile) + (Files.exists(weightPath) ? Files.size(weightPath) : 0);
    return new ExportReport(
        directory, request.precision(), checkpoint.config().parameters(), bytes);
  }

  private static OnnxGraph graph(
      Checkpoint checkpoint, ExportRequest request, @Nullable WeightFile weightFile) {
    OperatorSets operatorSets =
        switch (request.layout()) {
          case GROUP_QUERY -> OperatorSets.STANDARD_21_AND_MICROSOFT;
          case FUSED -> OperatorSets.STANDARD_21_MICROSOFT_AND_MILLRACE;
          case STANDARD -> OperatorSets.STANDARD_24;
        };
    OnnxGraph graph =
        new OnnxGraph(checkpoint.config().architecture().modelType(), weightFile, operatorSets);
    graph.metadata("millrace.precision", request.precision().label());
    return graph;
  }

  private static long weightBytes(Checkpoint checkpoint, Precision precision) {
    int bits =
        switch (precision) {
          case FP32 -> 32;
          case FP16, BF16 -> 16;
          case INT8, INT8_WEIGHTS, INT8_WEIGHTS_FP16 -> 8;
          case INT4, INT4_FP16 -> 4;
        };
    return checkpoint.config().parameters() * bits / 8;
  }
}
