package io.millrace.topology.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

class StoreMemoryTest {

  private static final long BOUND = 16 << 20;
  private static final int STORES = 12;
  private static final int ENTRIES = 4_000;
  private static final int ENTRY_BYTES = 2_000;

  /** Every store has one block that it writes into. */
  private static final long SLACK = 4 << 20;

  @TempDir private Path directory;

  private final RocksDBConfigSetter setter = new StoreMemory.Setter();

  /** One as Kafka Streams makes it, by and large. */
  private final class Store implements AutoCloseable {

    private final LRUCache own = new LRUCache(50 << 20);
    private final Options options = new Options().setCreateIfMissing(true);
    private final RocksDB database;

    Store(String name, Map<String, Object> configuration) throws RocksDBException {
      options.setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(own));
      options.setWriteBufferSize(16 << 20);
      if (!configuration.isEmpty()) {
        setter.setConfig(name, options, configuration);
      }
      database = RocksDB.open(options, directory.resolve(name).toString());
    }

    void write() throws RocksDBException {
      var random = new Random(1);
      var value = new byte[ENTRY_BYTES];
      try (var withoutLog = new WriteOptions().setDisableWAL(true)) {
        for (int i = 0; i < ENTRIES; i++) {
          random.nextBytes(value);
          database.put(withoutLog, key(i), value);
        }
      }
    }

    void read() throws RocksDBException {
      for (int i = 0; i < ENTRIES; i++) {
        assertThat(database.get(key(i))).hasSize(ENTRY_BYTES);
      }
    }

    long unwrittenBytes() throws RocksDBException {
      return database.getLongProperty("rocksdb.size-all-mem-tables");
    }

    private static byte[] key(int number) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    @Override
    public void close() {
      setter.close("", options);
      database.close();
      options.close();
      own.close();
    }
  }

  @BeforeAll
  static void loadLibrary() {
    RocksDB.loadLibrary();
  }

  @Test
  void allStoresTogetherStayWithinIt() throws Exception {
    try (var memory = new StoreMemory(BOUND)) {
      var stores = open(Map.of(StoreMemory.PROPERTY, memory));
      long mostUnwritten = 0;
      for (var store : stores) {
        store.write();
        mostUnwritten = Math.max(mostUnwritten, unwrittenBytes(stores));
      }
      // Half of it is for this, and as long as a disk is slow to take it, more than that.
      assertThat(mostUnwritten).isPositive().isLessThan(BOUND);
      for (var store : stores) {
        store.read();
        assertThat(memory.usedBytes()).isPositive().isLessThan(BOUND + SLACK);
      }
      stores.forEach(Store::close);
    }
  }

  /** The same without it, so that the test above means something. */
  @Test
  void withoutItTheyDoNot() throws Exception {
    var stores = open(Map.of());
    for (var store : stores) {
      store.write();
    }
    assertThat(unwrittenBytes(stores)).isGreaterThan(4 * BOUND);
    stores.forEach(Store::close);
  }

  @Test
  void aStoreThatHoldsLittleTakesLittle() throws Exception {
    try (var memory = new StoreMemory(BOUND);
        var store = new Store("little", Map.of(StoreMemory.PROPERTY, memory))) {
      store.database.put(new byte[] {1}, new byte[] {2});
      assertThat(store.unwrittenBytes()).isLessThan(2L * StoreMemory.LEAST_OF_A_STORE);
    }
  }

  @Test
  void withoutTheMemoryThereIsNoStore() {
    assertThatThrownBy(() -> new Store("none", Map.of("other", 1)))
        .hasMessageContaining(StoreMemory.PROPERTY);
  }

  private List<Store> open(Map<String, Object> configuration) throws RocksDBException {
    List<Store> stores = new ArrayList<>();
    for (int i = 0; i < STORES; i++) {
      stores.add(new Store("store-" + i, configuration));
    }
    return stores;
  }

  private static long unwrittenBytes(List<Store> stores) throws RocksDBException {
    long sum = 0;
    for (var store : stores) {
      sum += store.unwrittenBytes();
    }
    return sum;
  }
}
