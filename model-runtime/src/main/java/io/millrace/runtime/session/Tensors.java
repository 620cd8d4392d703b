package io.millrace.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes ONNX Runtime's tensors over the memory of one device, and releases them together. Copies
 * nothing: the memory must outlive the tensors.
 */
final class Tensors implements AutoCloseable {

  private final MemorySegment memoryInfo;
  private final List<MemorySegment> made = new ArrayList<>();

  Tensors(Device device) throws OrtException {
    memoryInfo = OrtApi.createMemoryInfo(device.memoryName(), device.number());
  }

  /** A tensor that lasts as long as this. */
  MemorySegment tensor(MemorySegment content, OnnxJavaType type, long... shape)
      throws OrtException {
    var tensor = temporary(content, type, shape);
    made.add(tensor);
    return tensor;
  }

  /** A tensor that the caller releases. */
  MemorySegment temporary(MemorySegment content, OnnxJavaType type, long... shape)
      throws OrtException {
    return OrtApi.createTensor(memoryInfo, content, shape, type);
  }

  @Override
  public void close() {
    made.forEach(OrtApi::releaseValue);
    made.clear();
    OrtApi.releaseMemoryInfo(memoryInfo);
  }
}
