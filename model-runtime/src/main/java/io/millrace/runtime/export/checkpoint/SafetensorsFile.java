package io.millrace.runtime.export.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the index of a safetensors file and maps its tensors.
 *
 * <p>The <a href="https://github.com/huggingface/safetensors#format">format</a>: eight bytes with
 * the header's length, the header as JSON, the tensors.
 */
final class SafetensorsFile {

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private SafetensorsFile() {}

  /**
   * Maps the file.
   *
   * @param arena keeps the mapping open
   * @return tensors by name; those of other element types are left out
   * @throws CheckpointException if the file is not a whole safetensors file
   */
  static Map<String, StoredTensor> map(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      long headerBytes = file.byteSize() < LENGTH.byteSize() ? -1 : file.get(LENGTH, 0);
      if (headerBytes < 0 || headerBytes > file.byteSize() - LENGTH.byteSize()) {
        throw damaged(path, "its header does not fit into the file");
      }
      byte[] header = file.asSlice(LENGTH.byteSize(), headerBytes).toArray(ValueLayout.JAVA_BYTE);
      return tensors(
          path, new ObjectMapper().readTree(header), file.asSlice(LENGTH.byteSize() + headerBytes));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(path + " is damaged: its header is not JSON", e);
    }
  }

  private static Map<String, StoredTensor> tensors(
      Path path, JsonNode header, MemorySegment content) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    header
        .properties()
        .forEach(
            entry -> {
              if (isReadable(entry.getValue().path("dtype").asText())) {
                tensors.put(
                    entry.getKey(), tensor(path, entry.getKey(), entry.getValue(), content));
              }
            });
    return tensors;
  }

  private static StoredTensor tensor(
      Path path, String name, JsonNode entry, MemorySegment content) {
    StoredType type = StoredType.valueOf(entry.path("dtype").asText());
    List<Long> shape = new ArrayList<>();
    long bytes = type.bytes();
    for (JsonNode length : entry.path("shape")) {
      shape.add(length.asLong());
      bytes *= length.asLong();
    }
    long start = entry.path("data_offsets").path(0).asLong(-1);
    long end = entry.path("data_offsets").path(1).asLong(-1);
    if (start < 0 || end > content.byteSize() || end - start != bytes) {
      throw damaged(path, "tensor " + name + " does not have the bytes of its shape");
    }
    return new StoredTensor(type, List.copyOf(shape), content.asSlice(start, bytes));
  }

  private static boolean isReadable(String dtype) {
    return dtype.equals("F32") || dtype.equals("F16") || dtype.equals("BF16");
  }

  private static CheckpointException damaged(Path path, String what) {
    return new CheckpointException(path + " is damaged: " + what);
  }
}
