// The first of the largest numbers in each row of a matrix [rows, columns].
//
// best[row] must be 0 before. Afterwards it holds, above, a key in the order of the numbers, which
// is larger than that of infinity for what is not a number, and below, the complement of the
// column: so the maximum of these is the first of the largest.
//
// Grid: x blocks share a row, y is the row. 256 threads a block. One thread block takes a stride of
// the row; warps, then the block, then the row are reduced.
//
// largest.ptx beside this file is made from it: see model-runtime/README.md.

typedef unsigned long long Best;

__device__ unsigned int key(unsigned int bits) {
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0xffffffffu;  // not a number
  if (bits == 0x80000000u) bits = 0;                           // the two zeros are equal
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

struct Float32 {
  typedef unsigned int Stored;
  static __device__ unsigned int bits(Stored value) { return value; }
};

struct BFloat16 {
  typedef unsigned short Stored;
  static __device__ unsigned int bits(Stored value) { return (unsigned int)value << 16; }
};

struct Float16 {
  typedef unsigned short Stored;
  static __device__ unsigned int bits(Stored value) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(value));
    return __float_as_uint(wide);
  }
};

template <typename Type>
__device__ void largest(const typename Type::Stored* matrix, int columns, Best* best) {
  const typename Type::Stored* row = matrix + (long long)blockIdx.y * columns;
  Best mine = 0;
  for (int column = blockIdx.x * blockDim.x + threadIdx.x; column < columns;
       column += gridDim.x * blockDim.x) {
    Best candidate = (Best)key(Type::bits(row[column])) << 32 | (0xffffffffu - (unsigned)column);
    mine = candidate > mine ? candidate : mine;
  }
  for (int distance = 16; distance > 0; distance /= 2) {
    Best other = __shfl_down_sync(0xffffffffu, mine, distance);
    mine = other > mine ? other : mine;
  }
  __shared__ Best ofWarp[8];
  if (threadIdx.x % 32 == 0) ofWarp[threadIdx.x / 32] = mine;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int warp = 1; warp < 8; warp++) mine = ofWarp[warp] > mine ? ofWarp[warp] : mine;
    atomicMax(&best[blockIdx.y], mine);
  }
}

extern "C" __global__ void largest_float32(const unsigned int* matrix, int columns, Best* best) {
  largest<Float32>(matrix, columns, best);
}

extern "C" __global__ void largest_float16(const unsigned short* matrix, int columns, Best* best) {
  largest<Float16>(matrix, columns, best);
}

extern "C" __global__ void largest_bfloat16(const unsigned short* matrix, int columns, Best* best) {
  largest<BFloat16>(matrix, columns, best);
}
