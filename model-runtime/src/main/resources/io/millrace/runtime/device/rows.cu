// Products of few rows with a large matrix, together with what stands before and after them in a
// decoder. A step of a decoder reads each weight once: these kernels are made to do that at the
// speed of the memory.
//
// x [rows, inputs], w [outputs, inputs] and y in 16 bits; sums in 32.
//
// A warp multiplies 16 outputs' weights with 8 * TILES rows by tensor cores (m16n8k16). It reads
// weights straight from memory into registers, 16 bytes a thread; the order of the inputs within a
// block of 32 is that in which the threads of a warp hold them, the same for weights and rows, and
// so any. A block of 16 warps is OUTPUT_WARPS times 16 outputs wide; its other warps share their
// inputs, 4 parts or 16, and their sums are added in one order. So a row's result has the same bits
// with any number of rows.
//
// rows-float16.ptx and rows-bfloat16.ptx beside this file are made from it: see
// model-runtime/README.md.

typedef unsigned int u32;
typedef unsigned short u16;

#define WARPS 16
#define THREADS (WARPS * 32)
#define BLOCK_INPUTS 32
#define UNROLL 2

enum Kind { NORMALIZED, GATED, ADDED };

struct Float16 {
  static __device__ float wide(u16 bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
  }
  static __device__ u16 narrow(float value) {
    u16 bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
  }
  static __device__ u32 product(u32 a, u32 b) {
    u32 c;
    asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(c) : "r"(a), "r"(b));
    return c;
  }
  static __device__ void multiply(float (&c)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
        "{%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
};

struct BFloat16 {
  static __device__ float wide(u16 bits) { return __uint_as_float((u32)bits << 16); }
  static __device__ u16 narrow(float value) {
    u16 bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
  }
  static __device__ u32 product(u32 a, u32 b) {
    u32 c;
    asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(c) : "r"(a), "r"(b), "r"(0x80008000u));
    return c;
  }
  static __device__ void multiply(float (&c)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0, u32 b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
        "{%8,%9}, {%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
};

__device__ uint4 weights(const uint4* place) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(place));
  return v;
}

template <typename T>
__device__ float squares(uint4 v) {
  float sum = 0;
  u32 pairs[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float low = T::wide((u16)pairs[i]);
    float high = T::wide((u16)(pairs[i] >> 16));
    sum += low * low;
    sum += high * high;
  }
  return sum;
}

__device__ float add4(float a, float b, float c, float d) { return ((a + b) + c) + d; }

__device__ float gated(float gate, float other) { return gate / (1 + __expf(-gate)) * other; }

template <typename T, Kind KIND, int TILES, int BLOCKS>
__device__ __forceinline__ void multiplyBlocks(const uint4* low, const uint4* high,
                                               const uint4* gain, const uint4* const (&rows)[TILES],
                                               int block, bool addSquares, float (&sum)[TILES][4],
                                               float (&square)[TILES]) {
  uint4 lows[BLOCKS], highs[BLOCKS];
#pragma unroll
  for (int b = 0; b < BLOCKS; b++) {
    lows[b] = weights(low + (block + b) * 4);
    highs[b] = weights(high + (block + b) * 4);
  }
#pragma unroll
  for (int b = 0; b < BLOCKS; b++) {
    uint4 g;
    if (KIND != ADDED) g = gain[(block + b) * 4];
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      uint4 v = rows[tile][(block + b) * 4];
      if (KIND != ADDED) {
        if (addSquares) square[tile] += squares<T>(v);
        v.x = T::product(v.x, g.x);
        v.y = T::product(v.y, g.y);
        v.z = T::product(v.z, g.z);
        v.w = T::product(v.w, g.w);
      }
      T::multiply(sum[tile], lows[b].x, highs[b].x, lows[b].y, highs[b].y, v.x, v.y);
      T::multiply(sum[tile], lows[b].z, highs[b].z, lows[b].w, highs[b].w, v.z, v.w);
    }
  }
}

template <typename T, Kind KIND, int OUTPUT_WARPS, int TILES>
__device__ void multiplyRows(const uint4* x, const uint4* gain, const uint4* w, const u16* added,
                             u16* y, int rows, int outputs, int inputs, float epsilon) {
  constexpr int PARTS = WARPS / OUTPUT_WARPS;
  constexpr int WIDTH = (KIND == GATED ? 8 : 16) * OUTPUT_WARPS;
  constexpr int ITEMS = WIDTH * 8;
  // Of a warp's sums in shared memory; the padding keeps readers in different banks.
  constexpr int ELEMENT = 33;
  constexpr int FRAGMENT = 4 * ELEMENT + 1;
  __shared__ float sums[2][WARPS * FRAGMENT];
  __shared__ float rowSquares[PARTS][8 * TILES];
  __shared__ float scales[8 * TILES];

  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int group = lane / 4, member = lane % 4;
  const int outputWarp = warp % OUTPUT_WARPS, part = warp / OUTPUT_WARPS;
  const int firstRow = blockIdx.x * 8 * TILES;
  const int chunk = inputs / 8;  // 16-byte pieces of a row
  const int firstOutput = blockIdx.y * WIDTH;

  // The two outputs whose weights this thread reads.
  int low, high;
  if (KIND == GATED) {
    low = min(firstOutput + outputWarp * 8 + group, outputs - 1);
    high = outputs + low;
  } else {
    low = min(firstOutput + outputWarp * 16 + group, outputs - 1);
    high = min(firstOutput + outputWarp * 16 + 8 + group, outputs - 1);
  }
  const int blocks = inputs / BLOCK_INPUTS;
  const int first = blocks * part / PARTS;
  const int end = blocks * (part + 1) / PARTS;

  float sum[TILES][4];
  float square[TILES];
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
    square[tile] = 0;
#pragma unroll
    for (int i = 0; i < 4; i++) sum[tile][i] = 0;
  }

  const uint4* lowWeights = w + (size_t)low * chunk + member + first * 4;
  const uint4* highWeights = w + (size_t)high * chunk + member + first * 4;
  const uint4* gains = gain + member + first * 4;
  const uint4* rowsOfTile[TILES];
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
    rowsOfTile[tile] =
        x + (size_t)min(firstRow + tile * 8 + group, rows - 1) * chunk + member + first * 4;
  }
  int block = 0;
  for (; block + UNROLL <= end - first; block += UNROLL) {
    multiplyBlocks<T, KIND, TILES, UNROLL>(lowWeights, highWeights, gains, rowsOfTile, block,
                                           outputWarp == 0, sum, square);
  }
#pragma unroll 1
  for (; block < end - first; block++) {
    multiplyBlocks<T, KIND, TILES, 1>(lowWeights, highWeights, gains, rowsOfTile, block,
                                      outputWarp == 0, sum, square);
  }

  if (KIND != ADDED) {
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      float s = square[tile];
      s += __shfl_xor_sync(0xffffffffu, s, 1);
      s += __shfl_xor_sync(0xffffffffu, s, 2);
      if (outputWarp == 0 && member == 0) rowSquares[part][tile * 8 + group] = s;
    }
    __syncthreads();
    if (threadIdx.x < 8 * TILES) {
      float total = 0;
#pragma unroll
      for (int p = 0; p < PARTS; p += 4) {
        float four = add4(rowSquares[p][threadIdx.x], rowSquares[p + 1][threadIdx.x],
                          rowSquares[p + 2][threadIdx.x], rowSquares[p + 3][threadIdx.x]);
        total = p == 0 ? four : total + four;
      }
      scales[threadIdx.x] = rsqrtf(total / inputs + epsilon);
    }
  }

  // Item i of a tile: row i / WIDTH, output i % WIDTH.
  const int item = threadIdx.x;
  const int row = item / WIDTH, output = item % WIDTH;
  const int perWarp = KIND == GATED ? 8 : 16;
  const int place = (output / perWarp) * FRAGMENT +
                    ((row & 1) + (output % perWarp >= 8 ? 2 : 0)) * ELEMENT + (output % 8) * 4 +
                    row / 2;
  const bool isMine = item < ITEMS;

#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
    float* buffer = sums[tile & 1];
#pragma unroll
    for (int i = 0; i < 4; i++) buffer[warp * FRAGMENT + i * ELEMENT + lane] = sum[tile][i];
    __syncthreads();
    if (isMine) {
      float total[2];
#pragma unroll
      for (int half = 0; half < (KIND == GATED ? 2 : 1); half++) {
#pragma unroll
        for (int p = 0; p < PARTS; p += 4) {
          const float* at = buffer + place + half * 2 * ELEMENT;
          constexpr int STRIDE = OUTPUT_WARPS * FRAGMENT;
          float four = add4(at[p * STRIDE], at[(p + 1) * STRIDE], at[(p + 2) * STRIDE],
                            at[(p + 3) * STRIDE]);
          total[half] = p == 0 ? four : total[half] + four;
        }
      }
      int r = firstRow + tile * 8 + row, o = firstOutput + output;
      if (r < rows && o < outputs) {
        size_t index = (size_t)r * outputs + o;
        float result = total[0];
        if (KIND == NORMALIZED) result *= scales[tile * 8 + row];
        if (KIND == GATED) {
          float scale = scales[tile * 8 + row];
          result = gated(total[0] * scale, total[1] * scale);
        }
        if (KIND == ADDED) result += T::wide(added[index]);
        y[index] = T::narrow(result);
      }
    }
  }
}

// x normalized and multiplied with the gain, for a product that another library computes. A block is
// a row.
template <typename T>
__device__ void normalizeRow(const u16* x, const u16* gain, u16* y, int inputs, float epsilon) {
  __shared__ float squaresOfWarp[WARPS];
  const u16* row = x + (size_t)blockIdx.x * inputs;
  float square = 0;
  for (int i = threadIdx.x; i < inputs; i += THREADS) {
    float value = T::wide(row[i]);
    square += value * value;
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    square += __shfl_xor_sync(0xffffffffu, square, distance);
  }
  if (threadIdx.x % 32 == 0) squaresOfWarp[threadIdx.x / 32] = square;
  __syncthreads();
  float total = 0;
  for (int warp = 0; warp < WARPS; warp++) total += squaresOfWarp[warp];
  float scale = rsqrtf(total / inputs + epsilon);
  for (int i = threadIdx.x; i < inputs; i += THREADS) {
    y[(size_t)blockIdx.x * inputs + i] = T::narrow(T::wide(row[i]) * scale * T::wide(gain[i]));
  }
}

// [rows, 2 * outputs], gates first, to [rows, outputs]. The grid's y is the row.
template <typename T>
__device__ void gateRow(const u16* both, u16* y, int outputs) {
  const u16* row = both + (size_t)blockIdx.y * 2 * outputs;
  int i = blockIdx.x * THREADS + threadIdx.x;
  if (i < outputs) {
    y[(size_t)blockIdx.y * outputs + i] = T::narrow(gated(T::wide(row[i]), T::wide(row[outputs + i])));
  }
}

#define KERNEL(name, T, KIND, OUTPUT_WARPS, TILES)                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS_OF(TILES))                       \
      name(const uint4* x, const uint4* gain, const uint4* w, const u16* added, u16* y,         \
           int rows, int outputs, int inputs, float epsilon) {                                  \
    multiplyRows<T, KIND, OUTPUT_WARPS, TILES>(x, gain, w, added, y, rows, outputs, inputs,     \
                                               epsilon);                                        \
  }

// Blocks that a multiprocessor is to have room for at the same time.
#ifndef BLOCKS_OF
#define BLOCKS_OF(tiles) ((tiles) == 1 ? 2 : 1)
#endif

#define KERNELS(kind, type, T, KIND)        \
  KERNEL(kind##_##type##_1_1, T, KIND, 1, 1) \
  KERNEL(kind##_##type##_1_4, T, KIND, 1, 4) \
  KERNEL(kind##_##type##_4_1, T, KIND, 4, 1) \
  KERNEL(kind##_##type##_4_4, T, KIND, 4, 4)

#define ALL_KERNELS(type, T)                                                                    \
  KERNELS(normalized, type, T, NORMALIZED)                                                      \
  KERNELS(gated, type, T, GATED)                                                                \
  KERNELS(added, type, T, ADDED)                                                                \
  extern "C" __global__ void __launch_bounds__(THREADS)                                         \
      normalize_##type(const u16* x, const u16* gain, u16* y, int inputs, float epsilon) {      \
    normalizeRow<T>(x, gain, y, inputs, epsilon);                                               \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(THREADS)                                         \
      gate_##type(const u16* both, u16* y, int outputs) {                                       \
    gateRow<T>(both, y, outputs);                                                               \
  }

#ifdef BFLOAT16
ALL_KERNELS(bfloat16, BFloat16)
#else
ALL_KERNELS(float16, Float16)
#endif
