package io.millrace.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A directory that is gone, with all that is in it, once it is closed. */
public record TemporaryDirectory(Path path) implements AutoCloseable {

  public static TemporaryDirectory create() throws IOException {
    return new TemporaryDirectory(Files.createTempDirectory("millrace-"));
  }

  @Override
  public void close() throws IOException {
    Files.walkFileTree(path, new Deletion());
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    /** The broker deletes files of its own accord, a little after it was told to. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException exception) throws IOException {
      if (exception instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw exception;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException exception)
        throws IOException {
      if (exception != null) {
        throw exception;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
