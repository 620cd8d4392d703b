package io.millrace.runtime.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Zeroed native memory that the operating system provides page by page as it is touched, so that a
 * slot that no sequence ever reached costs nothing; in {@link HugePages} where there are such.
 *
 * <p>That is what C's {@code calloc} gives for large blocks; {@link Arena#allocate} and direct
 * buffers write the zeros themselves.
 */
final class LazyMemory {

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALLOC =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("calloc"),
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("free"),
          FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private LazyMemory() {}

  /** Freed when the arena is closed. */
  static MemorySegment allocate(long bytes, Arena arena) {
    long room = bytes < HugePages.BYTES ? bytes : bytes + HugePages.BYTES;
    MemorySegment block = call(room);
    if (block.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("no " + bytes + " bytes of native memory");
    }
    var memory = block.reinterpret(room, arena, LazyMemory::free);
    if (room == bytes) {
      return memory;
    }
    var aligned = memory.asSlice(HugePages.next(block.address()) - block.address(), bytes);
    HugePages.ask(aligned.address(), bytes);
    return aligned;
  }

  private static MemorySegment call(long bytes) {
    try {
      return (MemorySegment) CALLOC.invokeExact(1L, bytes);
    } catch (Throwable impossible) {
      throw new IllegalStateException("calloc throws nothing", impossible);
    }
  }

  private static void free(MemorySegment block) {
    try {
      FREE.invokeExact(block);
    } catch (Throwable impossible) {
      throw new IllegalStateException("free throws nothing", impossible);
    }
  }
}
