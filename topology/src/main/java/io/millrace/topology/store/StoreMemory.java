package io.millrace.topology.store;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The native memory of a processor's stores, all together: one cache of what is on disk, its index
 * and filter blocks included, in which what is not yet on disk is counted too.
 *
 * <p>Kafka Streams by itself gives each store 50 MiB of cache and 48 MiB for what is not yet on
 * disk, and here each partition has three. Half of the memory is for the latter; a store that
 * writes when it is used up writes to disk first. RocksDB exceeds the bound for as long as that
 * takes, and where every single store has something that is not yet on disk ({@value
 * #LEAST_OF_A_STORE} bytes each).
 *
 * <p>Kafka Streams builds its {@link Setter} itself, so it finds this object in its configuration
 * under {@link #PROPERTY}. Safe for use by several threads.
 */
public final class StoreMemory implements AutoCloseable {

  /** The configuration key; the value is an instance of this class. */
  public static final String PROPERTY = "millrace.store.memory";

  /** By default a first entry takes a mebibyte, and most stores hold few and small ones. */
  static final int LEAST_OF_A_STORE = 64 << 10;

  private static final long LEAST_UNWRITTEN = 1 << 20;

  /** What Kafka Streams gives it. */
  private static final long MOST_UNWRITTEN = 16 << 20;

  /** So that no store holds up the others with what it has not written and no one adds to. */
  private static final int STORES_TO_USE_IT_UP = 8;

  private final Cache cache;
  private final WriteBufferManager unwritten;
  private final long unwrittenOfAStore;

  /**
   * @param bytes for all stores
   */
  public StoreMemory(long bytes) {
    RocksDB.loadLibrary();
    cache = new LRUCache(bytes);
    unwritten = new WriteBufferManager(bytes / 2, cache);
    unwrittenOfAStore =
        Math.clamp(bytes / 2 / STORES_TO_USE_IT_UP, LEAST_UNWRITTEN, MOST_UNWRITTEN);
  }

  private static StoreMemory in(Map<String, Object> configuration) {
    if (configuration.get(PROPERTY) instanceof StoreMemory memory) {
      return memory;
    }
    throw new IllegalStateException(PROPERTY + " is not set");
  }

  private void share(Options options) {
    if (!(options.tableFormatConfig() instanceof BlockBasedTableConfig tables)) {
      throw new IllegalStateException("a store has tables of another kind");
    }
    tables.setBlockCache(cache);
    tables.setCacheIndexAndFilterBlocks(true);
    options.setTableFormatConfig(tables);
    options.setWriteBufferManager(unwritten);
    options.setWriteBufferSize(unwrittenOfAStore);
    options.setArenaBlockSize(LEAST_OF_A_STORE);
  }

  /** Bytes of the cache that are in use, what is not yet on disk included. */
  long usedBytes() {
    return cache.getUsage();
  }

  /** To be called once the stores are closed. Idempotent. */
  @Override
  public void close() {
    unwritten.close();
    cache.close();
  }

  /** Gives each store its share. */
  public static final class Setter implements RocksDBConfigSetter {

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configuration) {
      in(configuration).share(options);
    }

    /** What is shared is not a store's to close. */
    @Override
    public void close(String store, Options options) {}
  }
}
