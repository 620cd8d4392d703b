package io.millrace.local.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * The schemas of a local registry, kept in a file if there is one.
 *
 * <p>The file holds a line for each version, {@code {"subject": …, "schema": …}}, in the order of
 * registration. Registering them again in that order gives the same ids.
 */
final class RegisteredSchemas {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final Optional<Path> file;

  RegisteredSchemas() {
    file = Optional.empty();
  }

  RegisteredSchemas(Path file) throws IOException {
    this.file = Optional.of(file);
    if (!Files.exists(file)) {
      return;
    }
    for (var line : Files.readAllLines(file)) {
      var entry = JSON.readTree(line);
      registry.register(
          entry.path("subject").asText(),
          new Schema.Parser().setValidateDefaults(false).parse(entry.path("schema").asText()));
    }
  }

  InMemorySchemaRegistry registry() {
    return registry;
  }

  /**
   * As the registry does, and kept before it returns.
   *
   * @throws UncheckedIOException if the file cannot be written
   */
  synchronized int register(String subject, Schema schema) {
    var known = versions(subject);
    var id = registry.register(subject, schema);
    if (!known.equals(versions(subject))) {
      file.ifPresent(path -> append(path, subject, schema));
    }
    return id;
  }

  private List<Integer> versions(String subject) {
    return registry.subjects().contains(subject) ? registry.versions(subject) : List.of();
  }

  private static void append(Path file, String subject, Schema schema) {
    var entry = JSON.createObjectNode().put("subject", subject).put("schema", schema.toString());
    try {
      Files.writeString(
          file,
          entry + System.lineSeparator(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
