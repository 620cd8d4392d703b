package io.millrace.local.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.registry.InMemorySchemaRegistry;
import io.millrace.schemas.registry.RegisteredSchema;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.Unauthorized;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import io.millrace.schemas.registry.SchemaRegistryException.UnexpectedAnswer;
import io.millrace.schemas.registry.SchemaRegistryException.VersionNotFound;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Answers requests in Confluent's REST API, with its error codes.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">The
 *     API</a>
 */
final class RegistryRoutes {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BODY_BYTES = 1 << 20;
  private static final Map<String, Object> COMPATIBILITY = Map.of("compatibilityLevel", "BACKWARD");

  private final RegisteredSchemas schemas;
  private final InMemorySchemaRegistry registry;

  RegistryRoutes(RegisteredSchemas schemas) {
    this.schemas = schemas;
    this.registry = schemas.registry();
  }

  RegistryAnswer answer(String method, String rawPath, InputStream body) throws IOException {
    var path =
        Arrays.stream(rawPath.split("/", -1))
            .filter(part -> !part.isEmpty())
            .map(RegistryRoutes::decoded)
            .toList();
    try {
      return switch (method) {
        case "GET" -> get(path);
        case "POST" -> post(path, body.readNBytes(MAX_BODY_BYTES));
        default -> RegistryAnswer.error(405, 405, "The local registry does not do " + method + ".");
      };
    } catch (SchemaRegistryException refused) {
      return refusal(refused);
    }
  }

  private RegistryAnswer get(List<String> path) {
    return switch (String.join("/", shape(path))) {
      case "" -> RegistryAnswer.ok(Map.of());
      case "config", "config/*" -> RegistryAnswer.ok(COMPATIBILITY);
      case "schemas/types" -> RegistryAnswer.ok(List.of("AVRO"));
      case "schemas/ids/*" -> byId(path.get(2));
      case "subjects" -> RegistryAnswer.ok(registry.subjects());
      case "subjects/*/versions" -> RegistryAnswer.ok(registry.versions(path.get(1)));
      case "subjects/*/versions/*" -> described(version(path.get(1), path.get(3)));
      default -> notFound();
    };
  }

  private RegistryAnswer post(List<String> path, byte[] body) {
    return switch (String.join("/", shape(path))) {
      case "subjects/*" -> described(registry.find(path.get(1), schema(body)));
      case "subjects/*/versions" ->
          RegistryAnswer.ok(Map.of("id", schemas.register(path.get(1), schema(body))));
      default -> notFound();
    };
  }

  /** The path with a star for every name and number in it. */
  private static List<String> shape(List<String> path) {
    var isById = path.size() == 3 && path.getFirst().equals("schemas");
    List<String> shape = new ArrayList<>(path);
    for (int index = 0; index < shape.size(); index++) {
      var isName = isById ? index == 2 : index % 2 == 1 && !path.getFirst().equals("schemas");
      if (isName) {
        shape.set(index, "*");
      }
    }
    return shape;
  }

  private RegistryAnswer byId(String id) {
    return RegistryAnswer.ok(Map.of("schema", registry.schemaById(number(id)).toString()));
  }

  private RegisteredSchema version(String subject, String version) {
    return version.equals("latest")
        ? registry.latest(subject)
        : registry.version(subject, number(version));
  }

  /** Ids and versions start at 1, so what is no number is taken for an unknown one. */
  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException notANumber) {
      return 0;
    }
  }

  private static RegistryAnswer described(RegisteredSchema registered) {
    return RegistryAnswer.ok(
        Map.of(
            "subject", registered.subject(),
            "version", registered.version(),
            "id", registered.id(),
            "schema", registered.schema().toString()));
  }

  private static Schema schema(byte[] body) {
    try {
      var request = JSON.readTree(body);
      if (!request.path("schemaType").asText("AVRO").equals("AVRO")) {
        throw new InvalidSchema("The local registry knows Avro schemas only.", null);
      }
      return new Schema.Parser().parse(request.path("schema").asText());
    } catch (IOException | AvroRuntimeException invalid) {
      throw new InvalidSchema("This is no Avro schema: " + invalid.getMessage(), invalid);
    }
  }

  private static RegistryAnswer refusal(SchemaRegistryException refused) {
    var message = String.valueOf(refused.getMessage());
    return switch (refused) {
      case SubjectNotFound _ -> RegistryAnswer.error(404, 40401, message);
      case VersionNotFound _ -> RegistryAnswer.error(404, 40402, message);
      case SchemaNotFound _ -> RegistryAnswer.error(404, 40403, message);
      case Incompatible _ -> RegistryAnswer.error(409, 409, message);
      case InvalidSchema _ -> RegistryAnswer.error(422, 42201, message);
      case Unavailable _, Unauthorized _, UnexpectedAnswer _ ->
          RegistryAnswer.error(500, 50001, message);
    };
  }

  private static RegistryAnswer notFound() {
    return RegistryAnswer.error(404, 404, "The local registry has no such address.");
  }

  private static String decoded(String part) {
    // A plus sign is a space in forms, but not in paths.
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
