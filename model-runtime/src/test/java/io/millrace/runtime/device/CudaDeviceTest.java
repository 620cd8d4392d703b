package io.millrace.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.session.NeedsCuda;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsCuda
class CudaDeviceTest {

  private static final int LENGTH = 1000;

  private final CudaDevice device = new CudaDevice(0);

  @AfterEach
  void close() {
    device.close();
    device.close();
  }

  @Test
  void memoryIsZeroedAndCopiedInPieces() {
    var shared = device.allocateShared(64);
    for (int index = 0; index < 8; index++) {
      shared.setAtIndex(ValueLayout.JAVA_LONG, index, index);
    }
    var memory = device.allocate(64);
    device.copy(shared, 16, memory.asSlice(8), 24, 8, 2);
    device.settle();
    assertThat(device.read(memory).toArray(ValueLayout.JAVA_LONG))
        .containsExactly(0, 0, 0, 0, 2, 0, 0, 0);
  }

  @Test
  void memoryThatIsNotThereIsReported() {
    assertThatThrownBy(() -> device.allocate(1L << 50))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("out of memory");
  }

  @ParameterizedTest
  @EnumSource(FloatType.class)
  void theFirstOfTheLargestIsFound(FloatType type) {
    float[][] rows = new float[5][LENGTH];
    var random = new Random(1);
    for (var row : rows) {
      for (int column = 0; column < LENGTH; column++) {
        row[column] = random.nextInt(-200, 200) / 4f;
      }
    }
    rows[1][500] = 100;
    rows[1][900] = 100;
    Arrays.fill(rows[2], -3);
    rows[2][400] = -0f;
    rows[2][700] = 0f;
    int[] found = find(type, rows);
    for (int row = 0; row < rows.length; row++) {
      assertThat(found[row]).as("row %d", row).isEqualTo(firstLargest(rows[row]));
    }
  }

  @ParameterizedTest
  @EnumSource(FloatType.class)
  void whereANumberIsNotFiniteTheHostHasToLook(FloatType type) {
    float[][] rows = new float[4][LENGTH];
    rows[0][3] = Float.NaN;
    rows[1][999] = Float.POSITIVE_INFINITY;
    Arrays.fill(rows[2], Float.NEGATIVE_INFINITY);
    rows[3][17] = 1;
    assertThat(find(type, rows)).containsExactly(-1, -1, -1, 17);
  }

  private static int firstLargest(float[] row) {
    int largest = 0;
    for (int column = 1; column < row.length; column++) {
      largest = row[column] > row[largest] ? column : largest;
    }
    return largest;
  }

  private int[] find(FloatType type, float[][] rows) {
    var shared = device.allocateShared((long) rows.length * LENGTH * type.bytes());
    for (int row = 0; row < rows.length; row++) {
      for (int column = 0; column < LENGTH; column++) {
        put(shared, type, row * LENGTH + column, rows[row][column]);
      }
    }
    int[] found = new int[rows.length];
    device.findLargest(shared, type, rows.length, found, LENGTH);
    return found;
  }

  private static void put(MemorySegment memory, FloatType type, int index, float value) {
    switch (type) {
      case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
      case FLOAT16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(value));
      case BFLOAT16 ->
          memory.setAtIndex(
              ValueLayout.JAVA_SHORT,
              index,
              (short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
    }
  }
}
