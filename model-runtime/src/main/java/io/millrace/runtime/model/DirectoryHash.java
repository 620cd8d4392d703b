package io.millrace.runtime.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * SHA-256 over the files of a directory: in order of their relative path, each one's path, a zero
 * byte, its length in eight bytes, and its content. What the directory itself is called plays no
 * part.
 */
final class DirectoryHash {

  private static final int BUFFER_BYTES = 1 << 20;

  private DirectoryHash() {}

  static String of(Path directory) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var buffer = ByteBuffer.allocate(BUFFER_BYTES);
      for (var file : files(directory)) {
        digest.update(relative(directory, file).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Files.size(file)));
        addContent(digest, file, buffer);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    } catch (IOException | UncheckedIOException failure) {
      throw new ModelException(directory + ": cannot be read: " + failure.getMessage(), failure);
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile)
          .filter(file -> !isHidden(directory.relativize(file)))
          .sorted(Comparator.comparing(file -> relative(directory, file)))
          .toList();
    }
  }

  /** What downloads leave behind ({@code .cache}, {@code .git}) is no part of the model. */
  private static boolean isHidden(Path relative) {
    for (var name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String relative(Path directory, Path file) {
    return directory.relativize(file).toString().replace('\\', '/');
  }

  private static void addContent(MessageDigest digest, Path file, ByteBuffer buffer)
      throws IOException {
    try (var channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    }
  }
}
