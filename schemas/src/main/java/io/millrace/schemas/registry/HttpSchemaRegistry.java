package io.millrace.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.UnexpectedAnswer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Asks a Schema Registry over REST, each time anew; {@link CachingSchemaRegistry} remembers.
 *
 * <p>Works with every server that speaks Confluent's API (Confluent, Apicurio's {@code
 * /apis/ccompat/v7}, Karapace, Redpanda).
 */
public final class HttpSchemaRegistry implements SchemaRegistry {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RegistryConnection connection;
  private final String normalize;

  public HttpSchemaRegistry(RegistryConfig config) {
    this(config, Pause.SLEEP);
  }

  HttpSchemaRegistry(RegistryConfig config, Pause pause) {
    connection = new RegistryConnection(config, pause);
    normalize = config.normalizeSchemas() ? "?normalize=true" : "";
  }

  @Override
  public int register(String subject, Schema schema) {
    var answer =
        connection.post("/subjects/" + encoded(subject) + "/versions" + normalize, body(schema));
    return number(answer, "id");
  }

  @Override
  public int lookUp(String subject, Schema schema) {
    var answer = connection.post("/subjects/" + encoded(subject) + normalize, body(schema));
    return number(answer, "id");
  }

  @Override
  public Schema schemaById(int id) {
    return parse(connection.get("/schemas/ids/" + id), "The schema with id " + id);
  }

  @Override
  public RegisteredSchema latest(String subject) {
    var answer = connection.get("/subjects/" + encoded(subject) + "/versions/latest");
    return new RegisteredSchema(
        subject,
        number(answer, "version"),
        number(answer, "id"),
        parse(answer, "The latest schema of " + subject));
  }

  @Override
  public void close() {
    connection.close();
  }

  private Schema parse(JsonNode answer, String what) {
    var type = answer.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw new InvalidSchema(what + " is a " + type + " schema, not an Avro schema.", null);
    }
    // Other people's schemas may have defaults that Avro for Java finds fault with.
    var parser = new Schema.Parser().setValidateDefaults(false);
    try {
      parseReferences(answer, parser, new HashSet<>());
      return parser.parse(text(answer, "schema"));
    } catch (AvroRuntimeException invalid) {
      throw new InvalidSchema(what + " is no valid Avro schema.", invalid);
    }
  }

  /** Schemas may use types that are registered under other subjects; those are parsed first. */
  private void parseReferences(JsonNode answer, Schema.Parser parser, Set<String> parsed) {
    for (var reference : answer.path("references")) {
      var path =
          "/subjects/"
              + encoded(text(reference, "subject"))
              + "/versions/"
              + number(reference, "version");
      if (parsed.add(path)) {
        var referenced = connection.get(path);
        parseReferences(referenced, parser, parsed);
        parser.parse(text(referenced, "schema"));
      }
    }
  }

  private static String body(Schema schema) {
    return JSON.createObjectNode().put("schema", schema.toString()).toString();
  }

  private static String encoded(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static int number(JsonNode answer, String field) {
    var value = answer.path(field);
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw noRegistry(field);
    }
    return value.intValue();
  }

  private static String text(JsonNode answer, String field) {
    var value = answer.path(field);
    if (!value.isTextual()) {
      throw noRegistry(field);
    }
    return value.textValue();
  }

  private static UnexpectedAnswer noRegistry(String field) {
    return new UnexpectedAnswer(
        "The answer has no '"
            + field
            + "': is "
            + RegistryConfig.URL
            + " the address of a Schema Registry?",
        null);
  }
}
