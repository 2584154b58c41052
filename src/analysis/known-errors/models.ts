/** Errors of models of Hugging Face’s libraries: adapters, quantised weights, weights that were never loaded. Only an error’s own text counts. */
import { worded } from './known-error.ts';

export const models = [
  ...worded(
    {
      says: 'Not about memory: the adapter (LoRA) is to go onto modules that this model does not have under these names.',
      next: [
        'Print the model, or its named_modules(): target_modules takes the last part of such names. target_modules="all-linear" takes every linear layer.',
      ],
    },
    ['target modules', 'not found in the base model'],
    ['target_modules', 'not found'],
    'please specify `target_modules`',
  ),
  ...worded(
    {
      says: 'Not about memory: a model of 8 or 4 bits cannot be moved or cast as a whole; it lies where it was loaded.',
      next: [
        'Leave out .to(), .cuda() and .half() on it, and choose its place as it is loaded: device_map={"": 0}, one entry a rank.',
      ],
    },
    ['`.to` is not supported', 'bit'],
    ['calling `cuda()` is not supported', 'bit'],
    ['`.cuda()` is not supported', 'bit'],
    ['cannot cast a bitsandbytes model'],
  ),
  ...worded(
    {
      says: 'Not about memory: the weights of a quantised model cannot be trained themselves.',
      next: [
        'Put an adapter on it (peft: get_peft_model with a LoraConfig), or load it without quantisation.',
      ],
    },
    'fine-tuning on purely quantized models',
    'trainable adapters on top',
  ),
  ...worded(
    {
      says: 'Not about memory: the quantised model lies on another device than the one that this process trains on.',
      next: ['Load it with device_map={"": torch.cuda.current_device()}, or {"": LOCAL_RANK} of each rank.'],
    },
    ["can't train a model that has been loaded in", 'different device'],
  ),
  ...worded(
    {
      says: 'Not about memory: parameters have no values yet (the meta device): they were never loaded, or device_map left them on the host or the disk.',
      next: [
        'Do not move such a model by .to(); load it without device_map for training, or use to_empty() and then load its weights. With ZeRO-3 let the Trainer’s configuration stand before the model is made.',
      ],
    },
    'cannot copy out of meta tensor',
    ['meta tensor', 'no data'],
    'is on the meta device',
  ),
  ...worded(
    {
      says: 'Not about memory: the model returned no loss, since the batch has no labels: the Trainer computes it from them.',
      next: [
        'Give the data set a column named labels (a data collator can make it), or write compute_loss; look at label_names and remove_unused_columns.',
      ],
    },
    'did not return a loss from the inputs',
  ),
  ...worded(
    {
      says: 'Not about memory: no column of the data set is an argument of the model’s forward, so the Trainer dropped all of them.',
      next: [
        'Tokenise the data set first, so that it has input_ids and labels; with a collator of your own remove_unused_columns=False.',
      ],
    },
    ['no columns in the dataset match'],
    ['doesn', 'have any columns that match the model'],
  ),
  ...worded(
    {
      says: 'Not about memory: the data set is loaded by a script of its own, which the datasets library runs no more since version 4.',
      next: ['Take a copy of the data set in Parquet, or, where you trust the script, datasets<4.'],
    },
    'dataset scripts are no longer supported',
    '`trust_remote_code` is not supported anymore',
  ),
  ...worded(
    {
      says: 'Not about memory: the model’s repository brings code of its own, and nobody has allowed it to run.',
      next: ['Where you trust that code: trust_remote_code=True; and pin the revision.'],
    },
    'trust_remote_code=true',
  ),
  ...worded(
    {
      says: 'Not about memory: DeepSpeed’s optimizer for the host was not built: that failed before, and this line only follows.',
      next: [
        'Look above for the first error (a compiler, nvcc, a version of CUDA that differs): ds_report shows what can be built; DS_BUILD_CPU_ADAM=1 builds it on installation.',
      ],
      confidence: 'likely',
    },
    ['deepspeedcpuadam', 'ds_opt_adam'],
  ),
  ...worded(
    {
      says: 'Not about memory: DeepSpeed’s sizes of a batch do not fit each other: train_batch_size is the product of the batch of a GPU, the steps of accumulation and the number of GPUs.',
      next: ['Set two of the three, or "auto" in the configuration of the Trainer.'],
    },
    'check batch related parameters',
  ),
  ...worded(
    {
      says: 'Not about memory: the checkpoint has empty weights: it was saved under ZeRO-3, which keeps a part of each weight on every GPU, without gathering them.',
      next: [
        'Make whole weights of it with zero_to_fp32.py, which lies beside it, or save with stage3_gather_16bit_weights_on_model_save.',
      ],
      confidence: 'likely',
    },
    ['size mismatch', 'torch.size([0]) from checkpoint'],
  ),
  ...worded(
    {
      says: 'Not about memory: the class of model has no such implementation of attention, or a package that it needs is missing.',
      next: ['Take attn_implementation="sdpa" or "eager", or install what the text names.'],
      confidence: 'likely',
    },
    'does not support an attention implementation',
    'does not support flash attention',
  ),
];
