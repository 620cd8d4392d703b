package io.millrace.topology;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;

/**
 * A store whose contents outlive the driver, as a changelog does: what is in it when the driver
 * closes is there when the next one opens.
 */
final class SurvivingStore implements KeyValueBytesStoreSupplier {

  private final Map<Bytes, byte[]> contents = new TreeMap<>();
  private final String name;

  SurvivingStore(String name) {
    this.name = name;
  }

  int size() {
    return contents.size();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String metricsScope() {
    return "in-memory";
  }

  @Override
  public KeyValueStore<Bytes, byte[]> get() {
    return new InMemoryKeyValueStore(name) {
      @Override
      public void init(StateStoreContext context, StateStore root) {
        super.init(context, root);
        contents.forEach(super::put);
      }

      @Override
      public synchronized void put(Bytes key, byte[] value) {
        super.put(key, value);
        if (value == null) {
          contents.remove(key);
        } else {
          contents.put(key, value);
        }
      }

      @Override
      public synchronized byte[] delete(Bytes key) {
        contents.remove(key);
        return super.delete(key);
      }
    };
  }
}
