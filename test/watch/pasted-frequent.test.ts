/** Errors that are asked about most and are no lack of memory: each has a sentence on what it is and one on what to try, not its name alone. Values invented. */
import { expect, test } from 'vitest';
import { expectAnswer } from './pasted.ts';

/** What an error has in its answer that is known by nothing but its name. */
const UNKNOWN = /^Not about memory, as far as the text shows: \w{1,40}(?:Error|Exception|Failed): /;
const raised = (error: string) =>
  `Traceback (most recent call last):\n  File "/w/train.py", line 31, in <module>\n    main()\n  File "/w/net.py", line 12, in forward\n    return f(x)\n${error}\n`;

const errors: Record<string, [error: string, ...says: (string | RegExp)[]]> = {
  'an instruction that a GPU does not have': [
    'RuntimeError: CUDA error: an illegal instruction was encountered',
    'built for another GPU',
  ],
  'a kernel beside a display': [
    'RuntimeError: CUDA error: the launch timed out and was terminated',
    'drives a display',
  ],
  'a tensor of the host for NCCL': [
    'RuntimeError: No backend type associated with device type cpu',
    'takes those of a GPU alone',
  ],
  'a tokenizer without its package': [
    "ValueError: Couldn't instantiate the backend tokenizer from one of: (1) a `tokenizers` library serialization file",
    'install sentencepiece',
  ],
  'an answer that is no JSON': [
    'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
    'a server or a model answered',
  ],
  'a checkpoint of a GPU where there is none': [
    'RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. Please use torch.load with map_location.',
    'map_location="cpu"',
  ],
  'a parameter changed in place': [
    'RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.',
    'torch.no_grad()',
  ],
  'a program that is offline by its settings': [
    'huggingface_hub.errors.OfflineModeIsEnabled: Cannot reach https://hub.example/a: offline mode is enabled. To disable it, please unset the `HF_HUB_OFFLINE` environment variable.',
    'unset HF_HUB_OFFLINE',
  ],
  'a folder of W&B’s that is somebody else’s': [
    "PermissionError: [Errno 13] Permission denied: '/w/wandb/run-1/logs'",
    'may not read or write a file',
  ],
  'a batch of one': [
    'ValueError: Expected more than 1 value per channel when training, got input size torch.Size([1, 96])',
    'drop_last=True',
  ],
  'an argument that a function does not have': [
    "TypeError: build() got an unexpected keyword argument 'trust_remote_code'",
    'as the program expects it',
  ],
  'a data set’s script': [
    'RuntimeError: Dataset scripts are no longer supported, but found corpus.py',
    'datasets<4',
  ],
  'no ninja': ['RuntimeError: Ninja is required to load C++ extensions', 'pip install ninja'],
  'a compiler that failed': ["RuntimeError: Error building extension 'fused_adam'", 'a compiler was run'],
  'cuDNN of another version': [
    'RuntimeError: cuDNN error: CUDNN_STATUS_VERSION_MISMATCH',
    'of another version than it was built for',
  ],
  'a launch that no GPU takes': [
    'RuntimeError: CUDA error: invalid configuration argument',
    'a tensor that is empty',
    'CUDA_LAUNCH_BLOCKING',
  ],
  'a kernel of Triton’s that the driver refuses': [
    'RuntimeError: Triton Error [CUDA]: device kernel image is invalid',
    'TRITON_CACHE_DIR',
  ],
  'the daemon of MPS': [
    'RuntimeError: CUDA error: MPS client failed to connect to the MPS control daemon or the MPS server',
    'CUDA_MPS_PIPE_DIRECTORY',
  ],
  'a client of MPS that fell with another': [
    'RuntimeError: CUDA error: the MPS client has been terminated',
    'the server ended all',
  ],
  'file descriptors': ['RuntimeError: received 0 items of ancdata', 'ulimit -n'],
  'NCCL’s last error of a call to the system': [
    'torch.distributed.DistBackendError: NCCL error in: /b/ProcessGroupNCCL.cpp:10, unhandled system error (run with NCCL_DEBUG=INFO for details), NCCL version 2.19.3\nncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error. \nLast error:\nsocketStartConnect: Connect to 10.7.0.3<4123> failed : Software caused connection abort',
    'NCCL’s last error: socketStartConnect: Connect to 10.7.0.3<4123>',
  ],
  'NumPy 2': ['ImportError: numpy.core.multiarray failed to import', 'numpy<2'],
  'NumPy 2, by its arrays': ['AttributeError: _ARRAY_API not found', 'numpy<2'],
  'no compiler': [
    "torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\nRuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
    'there is no compiler',
    'set CC',
  ],
  'no toolkit of CUDA': [
    'OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.',
    'toolkit',
    'torch.version.cuda',
  ],
  'XLA’s library of device functions': [
    'tensorflow.python.framework.errors_impl.InternalError: libdevice not found at ./libdevice.10.bc [Op:__f]',
    '--xla_gpu_cuda_data_dir',
  ],
  FlashAttention: ['RuntimeError: FlashAttention only supports Ampere GPUs or newer.', '"sdpa"'],
  'bfloat16 where there is none': ["ValueError: Your setup doesn't support bf16/gpu.", 'float16 instead'],
  'TensorFlow’s cuDNN': [
    'tensorflow.python.framework.errors_impl.UnknownError: Failed to get convolution algorithm. This is probably because cuDNN failed to initialize.',
    'could not set up cuDNN',
    'set_memory_growth',
  ],
  'TensorFlow’s graph, which names its error behind its operations': [
    "tensorflow.python.framework.errors_impl.InvalidArgumentError: Graph execution error:\n\nDetected at node 'loss/sub' defined at (most recent call last):\n<stack traces unavailable>\nIncompatible shapes: [16,7] vs. [16,1]\n\t [[{{node loss/sub}}]] [Op:__inference_train_function_41]",
    'shapes or sizes',
    'Incompatible shapes: [16,7] vs. [16,1]',
  ],
  'ranks that call different collectives': [
    'RuntimeError: Detected mismatch between collectives on ranks. Rank 0 is running collective: CollectiveFingerPrint(SequenceNumber=5, OpType=ALLREDUCE), but Rank 1 is running collective: CollectiveFingerPrint(SequenceNumber=5, OpType=BROADCAST).',
    'did not call the same collective',
  ],
  'W&B without a key': [
    'wandb.errors.errors.UsageError: api_key not configured (no-tty). call wandb.login(key=[your_api_key])',
    'WANDB_API_KEY',
  ],
  'W&B’s project of others': [
    'wandb.errors.CommError: It appears that you do not have permission to access the requested resource. (Error 403: Forbidden)',
    'WANDB_ENTITY',
  ],
  'a loss scale at its floor': [
    'FloatingPointError: Minimum loss scale reached (0.0001). Your loss is probably exploding.',
    'NaN or infinite',
    'bfloat16',
  ],
  'types that name their device': [
    'RuntimeError: Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same',
    'different devices',
  ],
  'types that differ on one device': [
    'RuntimeError: Input type (torch.cuda.FloatTensor) and weight type (torch.cuda.HalfTensor) should be the same',
    'dtypes',
  ],
  'modules of an adapter': [
    "ValueError: Target modules {'q_proj'} not found in the base model. Please check the target modules and try again.",
    'named_modules()',
  ],
  'a quantised model that is moved': [
    'ValueError: `.to` is not supported for `4-bit` or `8-bit` bitsandbytes models.',
    'device_map',
  ],
  'a quantised model that is trained': [
    'ValueError: You cannot perform fine-tuning on purely quantized models. Please attach trainable adapters on top of the quantized model.',
    'LoraConfig',
  ],
  'a quantised model elsewhere': [
    "ValueError: You can't train a model that has been loaded in 8-bit or 4-bit precision on a different device than the one you're training on.",
    'another device',
  ],
  'weights that were never loaded': [
    'NotImplementedError: Cannot copy out of meta tensor; no data!',
    'meta device',
  ],
  'a full disk': [
    "OSError: [Errno 28] No space left on device: '/w/out/optimizer.pt'",
    'the disk is full',
    'df -h',
  ],
  'a key that is not there': ["KeyError: 'labels'", 'no entry of that name', "KeyError: 'labels'"],
  'a value that is None': ["AttributeError: 'NoneType' object has no attribute 'shape'", 'is None where'],
  'an attribute that is not there': [
    "AttributeError: 'DistributedDataParallel' object has no attribute 'encoder'",
    '.module',
  ],
  'a recursion': ['RecursionError: maximum recursion depth exceeded', 'call each other without end'],
  'a name': ["NameError: name 'device' is not defined", 'no value there'],
  'a division': ['ZeroDivisionError: division by zero', 'len(loader)'],
  'a number that is none': ["ValueError: could not convert string to float: 'n/a'", 'is none'],
  'an assertion without words': ['AssertionError', 'did not hold'],
  'one number as a list': ['TypeError: iteration over a 0-d tensor', 'a tensor of one number'],
  'many numbers as one': [
    'RuntimeError: Boolean value of Tensor with more than one value is ambiguous',
    '.any()',
  ],
  'a view of what was transposed': [
    "RuntimeError: view size is not compatible with input tensor's size and stride. Use .reshape(...) instead.",
    '.contiguous()',
  ],
  'numpy of a GPU’s tensor': [
    "TypeError: can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.",
    'detach().cpu()',
  ],
  'a loss of many numbers': [
    'RuntimeError: grad can be implicitly created only for scalar outputs',
    'loss.mean()',
  ],
  'no parameters': ['ValueError: optimizer got an empty parameter list', 'nn.ModuleList'],
  'a parameter that was computed': ["ValueError: can't optimize a non-leaf Tensor", 'nn.Parameter itself'],
  'targets of another shape': [
    'RuntimeError: 0D or 1D target tensor expected, multi-target not supported',
    'shapes or sizes',
  ],
  'Keras’ shapes': ['ValueError: Shapes (None, 1) and (None, 7) are incompatible', 'shapes or sizes'],
  'a convolution’s input': [
    'RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [8, 10]',
    'shapes or sizes',
  ],
  'TensorFlow’s gradients': [
    "ValueError: No gradients provided for any variable: ['dense/kernel:0'].",
    'GradientTape',
  ],
  'a matrix': [
    'torch._C._LinAlgError: linalg.cholesky: The factorization could not be completed because the input is not positive-definite',
    'positive-definite, or singular',
  ],
  'ranks in the environment': [
    'ValueError: Error initializing torch.distributed using env:// rendezvous: environment variable RANK expected, but not set',
    'torchrun',
  ],
  'a build without NCCL': ["RuntimeError: Distributed package doesn't have NCCL built in", 'gloo'],
  'JAX’s devices': [
    "RuntimeError: Unable to initialize backend 'cuda': FAILED_PRECONDITION: No visible GPU devices.",
    'jax[cuda12]',
  ],
  'JAX’s traced values': [
    'jax.errors.TracerBoolConversionError: Attempted boolean conversion of traced array with shape bool[].',
    'lax.cond',
  ],
  'an element that is None': [
    "TypeError: default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>",
    '__getitem__',
  ],
  'a loader that waits': ['RuntimeError: DataLoader timed out after 90 seconds', 'within its timeout'],
  'a batch without labels': [
    'ValueError: The model did not return a loss from the inputs, only the following keys: logits.',
    'a column named labels',
  ],
  'columns that no model takes': [
    "ValueError: No columns in the dataset match the model's forward method signature.",
    'remove_unused_columns',
  ],
  'code of a repository': [
    'ValueError: Loading a/b requires you to execute the configuration file in that repo, then set the option `trust_remote_code=True` to remove this error.',
    'code of its own',
  ],
  'a package by its sentence': [
    'ImportError: XTokenizer requires the SentencePiece library but it was not found in your environment.',
    'module is missing',
  ],
  'a version that was found, and is too old': [
    'ImportError: tablelib requires NumPy 2.0 or newer, found 1.26.4',
    'do not fit each other',
  ],
  'a version that was found, by another class': [
    'RuntimeError: this build requires driverlib 5 or later, but found 4.2',
    'do not fit each other',
  ],
  'a package that is asked for where it is used': [
    'ImportError: Make sure to install boardlog if you want to use it for logging during training.',
    'is not installed',
  ],
  'a package by the command that brings it': [
    "ImportError: Using `device_map` requires Spreader: `pip install 'spreader>=0.26.0'`",
    'is not installed',
  ],
  'a package by another class': [
    'RuntimeError: boardlog is not installed; run pip install boardlog first',
    'is not installed',
  ],
  'a name that has the word': [
    "ImportError: cannot import name 'install' from 'tools' (/v/tools.py)",
    'do not fit each other',
  ],
  'a library behind words of installing': [
    'ImportError: /v/x.so: undefined symbol: _ZN3abc, install it again',
    'another version than it was built for',
  ],
  'DeepSpeed’s optimizer': [
    "AttributeError: 'DeepSpeedCPUAdam' object has no attribute 'ds_opt_adam'",
    'was not built',
  ],
  'DeepSpeed’s batch': [
    'AssertionError: Check batch related parameters. train_batch_size is not equal to micro_batch_per_gpu * gradient_acc_step * world_size 96 != 8 * 4 * 4',
    'is the product',
  ],
  'a checkpoint of ZeRO-3': [
    'RuntimeError: Error(s) in loading state_dict for M:\n\tsize mismatch for e.weight: copying a param with shape torch.Size([0]) from checkpoint, the shape in current model is torch.Size([700, 64]).',
    'zero_to_fp32.py',
  ],
  'a file of configuration': [
    'yaml.scanner.ScannerError: mapping values are not allowed here\n  in "run.yaml", line 12, column 9',
    'in "run.yaml", line 12',
  ],
  protobuf: ['TypeError: Descriptors cannot be created directly.', 'protobuf<4'],
  'a newer system’s library': [
    "ImportError: /lib/libc.so.6: version `GLIBC_2.32' not found (required by /v/x.so)",
    'C library (glibc)',
  ],
  'another cuDNN': [
    'RuntimeError: cuDNN version incompatibility: PyTorch was compiled against (8, 9, 2) but found runtime version (8, 5, 0).',
    'LD_LIBRARY_PATH',
  ],
  'Gym and Gymnasium': ['ValueError: too many values to unpack (expected 4)', 'five values in Gymnasium'],
  'an environment’s name': [
    "gymnasium.error.NameNotFound: Environment `Pong` doesn't exist.",
    'not registered',
  ],
};

test.each(Object.entries(errors))('%s', (_, [error, ...says]) => {
  const { whose, next, says: answer } = expectAnswer({ text: raised(error), says });
  expect(answer).not.toMatch(UNKNOWN);
  expect(whose).toBeNull();
  expect(next.length).toBeGreaterThan(0);
});

const TOKENIZERS =
  'huggingface/tokenizers: The current process just got forked, after parallelism has already been used. Disabling parallelism to avoid deadlocks...\n';

const starts: Record<string, [text: string, ...says: (string | RegExp)[]]> = {
  'arguments that a program does not know': [
    'usage: train.py [-h] [--lr LR]\ntrain.py: error: unrecognized arguments: --epoch 3\n',
    'did not start',
    'unrecognized arguments: --epoch 3',
  ],
  'a setting of Hydra’s': [
    "Could not override 'trainer.max_epoch'.\nTo append to your config use +trainer.max_epoch=3\nKey 'max_epoch' is not in struct\n",
    'did not start',
    'trainer.max_epoch',
  ],
  'places of MPI': [
    'There are not enough slots available in the system to satisfy the 8\nslots that were requested by the application:\n',
    '--oversubscribe',
  ],
  'a partition of Slurm’s': [
    'sbatch: error: Batch job submission failed: Requested node configuration is not available\n',
    'did not start',
    'Requested node configuration',
  ],
  'no node of Kubernetes’': [
    '5s   Warning   FailedScheduling   pod/train-1   0/12 nodes are available: 3 Insufficient memory, 9 Insufficient nvidia.com/gpu. preemption: none.\n',
    'did not start',
    '3 Insufficient memory, 9 Insufficient nvidia.com/gpu',
  ],
  'TensorFlow’s driver': [
    'E tensorflow/cuda_driver.cc:27] failed call to cuInit: UNKNOWN ERROR (303)\n',
    'UNKNOWN ERROR (303)',
  ],
  'JAX on the CPU': [
    'WARNING:jax._src.xla_bridge:An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.\n',
    'goes on with the CPU',
  ],
  'more tokens than a model takes': [
    'Token indices sequence length is longer than the specified maximum sequence length for this model (1423 > 512).\n',
    '1423 > 512',
    'truncation=True',
  ],
  'data that end': [
    'WARNING:tensorflow:Your input ran out of data; interrupting training.\n',
    'dataset.repeat()',
  ],
};

test.each(Object.entries(starts))('%s', (_, [text, ...says]) => {
  expectAnswer({ text, says, never: ['Out of'] });
});

test('a warning alone is called one', () => {
  expectAnswer({ text: TOKENIZERS, says: ['No failure', 'TOKENIZERS_PARALLELISM=false'] });
  expectAnswer({
    text: "W tensorflow/x/dso_loader.cc:64] Could not load dynamic library 'libcudnn.so.8'; dlerror: libcudnn.so.8: cannot open shared object file\nW tensorflow/core/gpu_device.cc:19] Cannot dlopen some GPU libraries. Skipping registering GPU devices...\n",
    says: ['No failure of its own', 'with the CPU', 'libcudnn.so.8'],
  });
});

test('a warning is not the cause of what failed beside it', () => {
  const crash = `${TOKENIZERS}Segmentation fault (core dumped)\n`;
  expectAnswer({ text: crash, says: ['SIGSEGV'], never: ['tokenizers', 'No failure'] });
  expectAnswer({
    text: TOKENIZERS + raised("KeyError: 'labels'"),
    says: ['no entry'],
    never: ['No failure'],
  });
});
