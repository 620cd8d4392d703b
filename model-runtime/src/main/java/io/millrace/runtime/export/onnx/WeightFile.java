package io.millrace.runtime.export.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file beside a model that holds its weights, for models too large to be one protobuf message.
 *
 * <p>Tensors start on page boundaries, as the ONNX specification asks for, so that the run time can
 * map them instead of reading them.
 */
public final class WeightFile implements AutoCloseable {

  /** Page size that covers the usual platforms; the ONNX documentation names it too. */
  private static final long ALIGNMENT_BYTES = 4096;

  /** The channel copies what it writes into a direct buffer of that size, which it keeps. */
  private static final int LARGEST_WRITE_BYTES = 1 << 20;

  private final String name;
  private final FileChannel channel;

  /** Creates the file or truncates an existing one. */
  public WeightFile(Path path) throws IOException {
    this.name = path.getFileName().toString();
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  /** File name, relative to the model file. */
  String name() {
    return name;
  }

  /** Writes the remaining bytes and returns where they start. */
  long append(ByteBuffer bytes) throws IOException {
    long end = channel.position();
    long start = Math.ceilDiv(end, ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    channel.position(start);
    ByteBuffer remaining = bytes.duplicate();
    int limit = remaining.limit();
    while (remaining.position() < limit) {
      remaining.limit(
          Math.min(limit - remaining.position(), LARGEST_WRITE_BYTES) + remaining.position());
      channel.write(remaining);
    }
    return start;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
