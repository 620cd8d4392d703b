package io.millrace.runtime.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.function.Function;

/** Opens an ONNX file to read of its graph, in the terms of {@code onnx.proto}, without weights. */
final class OnnxFile {

  private static final int MODEL_GRAPH = 7;

  private OnnxFile() {}

  /**
   * Hands over the {@code GraphProto}, which must not be used afterwards.
   *
   * @throws ModelException if the file cannot be read or is not ONNX
   */
  static <T> T readGraph(Path file, Function<ProtobufMessage, T> reader) {
    try (var channel = FileChannel.open(file);
        var arena = Arena.ofConfined()) {
      var model = new ProtobufMessage(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
      return model
          .message(MODEL_GRAPH)
          .map(reader)
          .orElseThrow(() -> ModelException.in(file, "holds no ONNX graph"));
    } catch (IndexOutOfBoundsException failure) {
      throw new ModelException(file + ": not an ONNX file, or cut short", failure);
    } catch (IOException failure) {
      throw new ModelException(file + ": cannot be read: " + failure.getMessage(), failure);
    }
  }
}
