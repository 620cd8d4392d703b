package io.millrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a demo that stays up leaves its configuration, so that {@code ask} and {@code doctor} find
 * it without being told.
 */
final class KeptDemo {

  private final Path file;
  private String written = "";

  KeptDemo(Map<String, String> environment) {
    var state = environment.getOrDefault("XDG_STATE_HOME", "");
    var home = Path.of(System.getProperty("user.home"));
    var folder = state.isBlank() ? home.resolve(".local").resolve("state") : Path.of(state);
    file = folder.resolve("millrace").resolve("demo.yaml");
  }

  Path file() {
    return file;
  }

  /** The configuration of the demo that is up, if one is. */
  Optional<Path> find() {
    return Files.isReadable(file) ? Optional.of(file) : Optional.empty();
  }

  void write(String yaml) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, yaml);
      written = yaml;
    } catch (IOException e) {
      throw new CommandException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Deletes what this wrote; a later demo's configuration is left alone. */
  void delete() {
    try {
      if (Files.exists(file) && Files.readString(file).equals(written)) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
