package io.millrace.schemas.registry;

import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;

/**
 * Remembers what a registry answered, both ways: schema to id and id to schema.
 *
 * <p>Ids and schemas never change, so these answers are kept for good. That an id is unknown is
 * kept for a few seconds only: records with made-up ids cost one call for each id, not for each
 * record, and an id that is registered later is found. That an id's schema is not Avro is kept for
 * good. Failures are not kept; while the registry fails, the last answer about a subject's latest
 * version stays good.
 */
public final class CachingSchemaRegistry implements SchemaRegistry {

  /** Made-up ids cannot fill the memory; the oldest are forgotten first. */
  private static final int BAD_IDS_KEPT = 10_000;

  private record SubjectSchema(String subject, Schema schema) {}

  private record Latest(RegisteredSchema schema, long readAtNanos) {}

  private final SchemaRegistry registry;
  private final long missingIdTtlNanos;
  private final Optional<Duration> latestTtl;
  private final LongSupplier nanoTime;

  private final ConcurrentMap<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, String> unusable = new ConcurrentHashMap<>();
  private final ConcurrentMap<SubjectSchema, Integer> registered = new ConcurrentHashMap<>();
  private final ConcurrentMap<SubjectSchema, Integer> lookedUp = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Latest> latest = new ConcurrentHashMap<>();
  private final MissingIds missingIds = new MissingIds();

  /**
   * @param nanoTime the clock, as {@link System#nanoTime()}
   */
  public CachingSchemaRegistry(
      SchemaRegistry registry, RegistryConfig config, LongSupplier nanoTime) {
    this.registry = registry;
    this.missingIdTtlNanos = config.missingIdTtl().toNanos();
    this.latestTtl = config.latestTtl();
    this.nanoTime = nanoTime;
  }

  @Override
  public int register(String subject, Schema schema) {
    var key = new SubjectSchema(subject, schema);
    var known = registered.get(key);
    if (known != null) {
      return known;
    }
    var id = registry.register(subject, schema);
    registered.put(key, id);
    missingIds.forget(id);
    return id;
  }

  @Override
  public int lookUp(String subject, Schema schema) {
    var key = new SubjectSchema(subject, schema);
    var known = lookedUp.get(key);
    if (known != null) {
      return known;
    }
    var id = registry.lookUp(subject, schema);
    lookedUp.put(key, id);
    return id;
  }

  @Override
  public Schema schemaById(int id) {
    var known = schemas.get(id);
    if (known != null) {
      return known;
    }
    if (missingIds.holds(id)) {
      throw new SchemaNotFound("The registry did not know schema id " + id + " a moment ago.");
    }
    var reason = unusable.get(id);
    if (reason != null) {
      throw new InvalidSchema(reason, null);
    }
    try {
      var schema = registry.schemaById(id);
      schemas.put(id, schema);
      return schema;
    } catch (SchemaNotFound missing) {
      missingIds.add(id);
      throw missing;
    } catch (InvalidSchema invalid) {
      if (unusable.size() < BAD_IDS_KEPT) {
        unusable.put(id, String.valueOf(invalid.getMessage()));
      }
      throw invalid;
    }
  }

  @Override
  public RegisteredSchema latest(String subject) {
    var known = latest.get(subject);
    if (known != null && isFresh(known)) {
      return known.schema();
    }
    RegisteredSchema read;
    try {
      read = registry.latest(subject);
    } catch (SchemaRegistryException failure) {
      if (known == null || !failure.isTransient()) {
        throw failure;
      }
      // Good for as long again, so that an outage is noticed once and not by every record.
      read = known.schema();
    }
    latest.put(subject, new Latest(read, nanoTime.getAsLong()));
    return read;
  }

  @Override
  public void close() {
    registry.close();
  }

  private boolean isFresh(Latest answer) {
    return latestTtl
        .map(ttl -> nanoTime.getAsLong() - answer.readAtNanos() < ttl.toNanos())
        .orElse(true);
  }

  /** The ids that were unknown a moment ago, oldest first. */
  private final class MissingIds {
    private final Map<Integer, Long> askedAtNanos = new LinkedHashMap<>();

    synchronized boolean holds(int id) {
      var askedAt = askedAtNanos.get(id);
      if (askedAt == null) {
        return false;
      }
      if (nanoTime.getAsLong() - askedAt < missingIdTtlNanos) {
        return true;
      }
      askedAtNanos.remove(id);
      return false;
    }

    synchronized void add(int id) {
      askedAtNanos.remove(id);
      askedAtNanos.put(id, nanoTime.getAsLong());
      if (askedAtNanos.size() > BAD_IDS_KEPT) {
        askedAtNanos.remove(askedAtNanos.keySet().iterator().next());
      }
    }

    synchronized void forget(int id) {
      askedAtNanos.remove(id);
    }
  }
}
