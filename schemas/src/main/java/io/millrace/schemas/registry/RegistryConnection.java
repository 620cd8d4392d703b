package io.millrace.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.Unauthorized;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import io.millrace.schemas.registry.SchemaRegistryException.UnexpectedAnswer;
import io.millrace.schemas.registry.SchemaRegistryException.VersionNotFound;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the first registry address that answers, a bounded number of times to each.
 *
 * <p>Tried again: no connection, no whole answer in time, 408, 429 and every 5xx. All requests may
 * be repeated: registering a schema twice gives the same id. An address that failed is left for the
 * next one, and the one that answered is where the next request starts.
 */
final class RegistryConnection implements AutoCloseable {

  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RegistryConfig config;
  private final Pause pause;
  private final RetryWaits waits;
  private final HttpClient client;
  private final AtomicInteger preferredAddress = new AtomicInteger();

  RegistryConnection(RegistryConfig config, Pause pause) {
    this.config = config;
    this.pause = pause;
    waits = new RetryWaits(config.retryWait(), config.retryWaitMax());
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.connectTimeout());
    if (!config.tls().isEmpty()) {
      builder.sslContext(RegistryTls.context(config.tls()));
    }
    client = builder.build();
  }

  JsonNode get(String path) {
    return send("GET", path, null);
  }

  JsonNode post(String path, String body) {
    return send("POST", path, body);
  }

  @Override
  public void close() {
    // close() would wait for calls that another thread has under way.
    client.shutdownNow();
  }

  private JsonNode send(String method, String path, @Nullable String body) {
    var addresses = config.urls();
    var first = preferredAddress.get();
    var tries = addresses.size() * (config.maxRetries() + 1);
    var problem = "";
    IOException cause = null;
    for (int attempt = 0; attempt < tries; attempt++) {
      var address = (first + attempt) % addresses.size();
      var url = addresses.get(address);
      try {
        var response = exchange(request(method, url, path, body));
        if (!isWorthRetrying(response.statusCode())) {
          preferredAddress.set(address);
          return answer(response, path);
        }
        problem = url + " answered " + response.statusCode();
        cause = null;
      } catch (IOException noAnswer) {
        problem = url + " gave no answer (" + reason(noAnswer) + ")";
        cause = noAnswer;
      } catch (InterruptedException interrupted) {
        throw interrupted(url);
      }
      if (attempt + 1 < tries) {
        waitBefore(attempt, url);
      }
    }
    throw new Unavailable(
        "The Schema Registry is unavailable after "
            + tries
            + " tries; last, "
            + problem
            + ". Check that it runs and that "
            + RegistryConfig.URL
            + " is right.",
        cause);
  }

  /** A request's own timeout would end when the headers are there, however long the body takes. */
  private HttpResponse<byte[]> exchange(HttpRequest request)
      throws IOException, InterruptedException {
    var response = client.sendAsync(request, BodyHandlers.ofByteArray());
    try {
      return response.get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException tooLate) {
      throw new HttpTimeoutException("no whole answer within " + config.requestTimeout());
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException noAnswer ? noAnswer : new IOException(failed);
    } finally {
      response.cancel(true);
    }
  }

  private void waitBefore(int retry, URI url) {
    // The other addresses are asked at once; only a full round is followed by a wait.
    var addresses = config.urls().size();
    if ((retry + 1) % addresses != 0) {
      return;
    }
    try {
      pause.pause(waits.before(retry / addresses));
    } catch (InterruptedException interrupted) {
      throw interrupted(url);
    }
  }

  private static String reason(IOException noAnswer) {
    return noAnswer instanceof SSLException
        ? noAnswer.getMessage() + "; check the schema.registry.ssl.* settings"
        : noAnswer.getClass().getSimpleName();
  }

  private static Unavailable interrupted(URI url) {
    Thread.currentThread().interrupt();
    return new Unavailable("Interrupted while waiting for " + url + ".", null);
  }

  private HttpRequest request(String method, URI url, String path, @Nullable String body) {
    var publisher =
        body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofString(body, StandardCharsets.UTF_8);
    var request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE)
            .method(method, publisher);
    config
        .authorization()
        .ifPresent(authorization -> request.header("Authorization", authorization.value()));
    return request.build();
  }

  private static boolean isWorthRetrying(int status) {
    return status >= 500 || status == 429 || status == 408;
  }

  private JsonNode answer(HttpResponse<byte[]> response, String path) {
    JsonNode body;
    try {
      body = JSON.readTree(response.body());
    } catch (IOException notJson) {
      body = JSON.missingNode();
    }
    if (response.statusCode() == 200) {
      return body;
    }
    throw refusal(response.statusCode(), body, path);
  }

  private SchemaRegistryException refusal(int status, JsonNode body, String path) {
    var code = body.path("error_code").asInt(status);
    var where = " (" + path + " at " + config.addresses() + ")";
    var said = body.path("message").asText("no reason given");
    return switch (code) {
      case 401, 403 ->
          new Unauthorized(
              "The Schema Registry refuses the credentials"
                  + where
                  + ". Check "
                  + RegistryConfig.CREDENTIALS_SOURCE
                  + " and what it points to.");
      case 40401 -> new SubjectNotFound("Nothing is registered under this subject" + where + ".");
      case 40402 -> new VersionNotFound("The subject has no such version" + where + ".");
      case 40403 -> new SchemaNotFound("The registry does not know this schema" + where + ".");
      case 409 ->
          new Incompatible(
              "The subject's compatibility rule refuses the schema" + where + ": " + said);
      case 422, 42201 ->
          new InvalidSchema("The registry refuses the schema" + where + ": " + said, null);
      default ->
          status == 401 || status == 403
              ? new Unauthorized("The Schema Registry refuses the credentials" + where + ".")
              : new UnexpectedAnswer(
                  "The Schema Registry answered " + code + where + ": " + said, null);
    };
  }
}
