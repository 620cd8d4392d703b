package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * Which tensors a session reads and writes in a run. The same tensor may be input and output. Does
 * not own the tensors. Belongs to one thread.
 */
final class IoBinding implements AutoCloseable {

  private final OrtSession session;
  private final Function<String, MemorySegment> names;
  private final MemorySegment handle;

  /**
   * @param names gives the C string of a name, which must outlive this
   */
  IoBinding(OrtSession session, Function<String, MemorySegment> names) throws OrtException {
    this.session = session;
    this.names = names;
    handle = OrtApi.createIoBinding(session);
  }

  void input(String name, MemorySegment tensor) throws OrtException {
    OrtApi.bindInput(handle, names.apply(name), tensor);
  }

  void output(String name, MemorySegment tensor) throws OrtException {
    OrtApi.bindOutput(handle, names.apply(name), tensor);
  }

  void run(RunOptions options) throws OrtException {
    OrtApi.runWithBinding(session, options, handle);
  }

  @Override
  public void close() {
    OrtApi.releaseIoBinding(handle);
  }
}
